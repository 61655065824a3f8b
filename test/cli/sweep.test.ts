import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, ROOT, start } from './lcoms.js';

const SPECS = path.join(ROOT, 'test', 'fixtures', 'specs');
const SWEEP = path.join(SPECS, 'tiny-sweep.yaml');

interface Trial {
  index: number;
  runId: string;
  point: Record<string, unknown>;
  seed: number;
  state: string;
  metrics: Record<string, number>;
  nodes: Record<string, number>;
  error?: { code: string; message: string };
}
interface Result {
  sweepId: string;
  state: string;
  outDir: string;
  files: Record<string, string>;
  stopped: string | null;
  best: { index: number; value: number } | null;
  trials: Trial[];
}
interface Plan {
  sweepId: string;
  total: number;
  trials: { index: number; point: Record<string, unknown>; status: string }[];
  nodes: { id: string; status: string; trials: number }[];
  cpuSeconds: { seconds: number; complete: boolean };
}

/** A folder with the specs of the tests in it, where a test writes its own sweep. */
function folderWith(name: string, text: string): string {
  const folder = emptyFolder();
  for (const file of ['tiny.jsonl', 'starts-only.yaml', 'tiny-model.yaml'])
    cpSync(path.join(SPECS, file), path.join(folder, file));
  writeFileSync(path.join(folder, name), `apiVersion: 1\nkind: sweep\n${text}`);
  return folder;
}

async function digests(home: string, trials: readonly Trial[]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const { runId } of trials) {
    const { document } = await lcomsJson<{ nodes: { id: string; artifact: { digest: string } }[] }>(home, [
      'show',
      runId,
    ]);
    all.push(document.nodes.map(({ id, artifact }) => [id, artifact.digest]));
  }
  return all;
}

describe('a sweep from its spec to its table', () => {
  const home = emptyFolder();
  let first: Result;

  test('plan shows trials and what they share, and runs and writes nothing', async () => {
    const { code, document } = await lcomsJson<Plan>(home, ['plan', SWEEP]);
    expect(code).toBe(0);
    expect(document.total).toBe(4);
    expect(document.trials.map(({ point }) => point)).toEqual([
      { tries: 1, 'steps.start-structures.fmax': 1 },
      { tries: 1, 'steps.start-structures.fmax': 2 },
      { tries: 2, 'steps.start-structures.fmax': 1 },
      { tries: 2, 'steps.start-structures.fmax': 2 },
    ]);
    expect(document.nodes.find(({ id }) => id === 'known')).toMatchObject({ status: 'miss', trials: 4 });
    // data and known once; starts, scores and the report for each.
    expect(document.nodes).toHaveLength(2 + 4 * 5);
    expect(readdirSync(home)).toEqual([]);
  });

  test('runs every trial, shares what is the same, and writes a table as CSV, Parquet and JSON', async () => {
    const { code, document, stderr } = await lcomsJson<Result>(home, ['sweep', SWEEP, '--concurrency', '4']);
    expect(code, stderr).toBe(0);
    first = document;
    expect(document.state).toBe('succeeded');
    expect(document.trials.map(({ state }) => state)).toEqual(Array(4).fill('succeeded'));
    const made = document.trials.reduce((sum, { nodes }) => sum + (nodes['succeeded'] ?? 0), 0);
    const cached = document.trials.reduce((sum, { nodes }) => sum + (nodes['cached'] ?? 0), 0);
    // Four trials at once: data and known are made by one of them, and waited for by the others.
    expect([made, cached]).toEqual([2 + 4 * 5, 2 * 3]);
    const best = document.trials.map(({ metrics }) => metrics['lcom.medianAfter'] as number);
    expect(document.best?.value).toBe(Math.min(...best));

    expect(readdirSync(document.outDir).sort()).toEqual(['plan.json', 'trials.csv', 'trials.json', 'trials.parquet']);
    const lines = readFileSync(document.files['csv'] ?? '', 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^trial,run,state,tries,steps\.start-structures\.fmax,seed,lcom\./);
    expect(lines[3]).toMatch(/^2,tiny-sweep-[0-9a-f]{8}-00002,succeeded,2,1,0,/);
    const bytes = readFileSync(document.files['parquet'] ?? '');
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    });
    expect(rows.map((row) => [row['trial'], row['tries'], row['lcom.medianAfter']])).toEqual(
      document.trials.map(({ index, point, metrics }) => [index, point['tries'], metrics['lcom.medianAfter']]),
    );
    const json = JSON.parse(readFileSync(document.files['json'] ?? '', 'utf8')) as { trials: Trial[] };
    expect(json.trials).toEqual(document.trials);
  }, 180_000);

  test('the same again is the same sweep, and nothing runs', async () => {
    const { code, document } = await lcomsJson<Result>(home, ['sweep', SWEEP]);
    expect(code).toBe(0);
    expect(document).toEqual(first);
    const { document: plan } = await lcomsJson<Plan>(home, ['plan', SWEEP]);
    expect(plan.trials.every(({ status }) => status === 'hit')).toBe(true);
    expect(plan.cpuSeconds).toEqual({ seconds: 0, complete: true });
    const { document: again } = await lcomsJson<Result>(home, ['resume', first.sweepId]);
    expect(again).toEqual(first);
  });

  test('another name finds every node, and shows its trials as cached', async () => {
    const { code, document } = await lcomsJson<Result>(home, ['sweep', SWEEP, '--set', 'name=other']);
    expect(code).toBe(0);
    expect(document.sweepId).toMatch(/^other-/);
    expect(document.trials.map(({ nodes }) => nodes)).toEqual(Array(4).fill({ cached: 7 }));
    expect(document.trials.map(({ metrics }) => metrics)).toEqual(first.trials.map(({ metrics }) => metrics));
  });

  test('ls lists the sweep and not its trials; show lists them; each is a run', async () => {
    const { document: runs } = await lcomsJson<{ runId: string; state: string }[]>(home, ['ls']);
    expect(runs.map(({ runId, state }) => [runId.replace(/-[0-9a-f]{8}$/, ''), state]).sort()).toEqual([
      ['other', 'succeeded'],
      ['tiny-sweep', 'succeeded'],
    ]);
    const { document } = await lcomsJson<Result>(home, ['show', first.sweepId]);
    expect(document.trials).toEqual(first.trials);
    expect((await lcoms(home, ['show', first.sweepId])).stdout).toContain('steps.start-structures.fmax=2');
    const trial = await lcomsJson<{ state: string; files: Record<string, string> }>(home, [
      'resume',
      first.trials[1]?.runId ?? '',
    ]);
    expect(trial.document.state).toBe('succeeded');
    expect(existsSync(trial.document.files['csv'] ?? '')).toBe(true);
  });

  test('a changed spec of that name is refused with the difference and two ways on', async () => {
    const finished = await lcoms(home, ['sweep', SWEEP, '--set', 'axes.0.values=[1,3]']);
    expect(finished.code).toBe(2);
    expectOneScreen(finished, 'LCOMS_E_SWEEP_CHANGED');
    expect(finished.stderr).toContain('axes.0.values.1: 2 -> 3');
    expect(finished.stderr).toContain(`lcoms resume ${first.sweepId}`);
    expect(finished.stderr).toContain('--set name=tiny-sweep-2');
  });

  test('two launches in two empty stores give the same digests, also when one is interrupted', async () => {
    const other = emptyFolder();
    const running = start(other, ['sweep', SWEEP, '--set', 'concurrency=1']);
    await running.prints(/trials, /);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(`lcoms resume ${first.sweepId}`);
    const { code: ended, document } = await lcomsJson<Result>(other, ['resume', first.sweepId]);
    expect(ended).toBe(0);
    expect(document.sweepId).toBe(first.sweepId);
    expect(await digests(other, document.trials)).toEqual(await digests(home, first.trials));
  }, 240_000);

  test('an id that there is not names the nearest', async () => {
    const wrong = `${first.sweepId.slice(0, -1)}x`;
    const finished = await lcoms(home, ['resume', wrong]);
    expect(finished.code).toBe(2);
    expectOneScreen(finished, 'LCOMS_E_NOT_FOUND');
    expect(finished.stderr).toContain(`Did you mean ${first.sweepId}?`);
    // The beginning of its id is enough, though it begins those of its trials too.
    const { document } = await lcomsJson<{ sweepId: string }>(home, ['show', first.sweepId.slice(0, -1)]);
    expect(document.sweepId).toBe(first.sweepId);
  });
});

describe('a sweep that is wrong', () => {
  const base = 'name: bad\nbase: starts-only.yaml\n';
  test.each([
    [
      'a path that there is not',
      `${base}axes: [{path: surogate.with.tau, values: [1]}]`,
      'LCOMS_E_SPEC',
      'surrogate.with.tau',
    ],
    [
      'an option that there is not',
      `${base}axes: [{path: surrogate.with.taau, values: [1]}]`,
      'LCOMS_E_SPEC',
      'surrogate.with.tau',
    ],
    [
      'a value of the wrong type',
      `${base}axes: [{path: tries, values: [1, many]}]`,
      'LCOMS_E_SPEC',
      'tries="many": tries:',
    ],
    [
      'an option of the wrong type',
      `${base}axes: [{path: steps.score.fmax, values: [-1]}]`,
      'LCOMS_E_SPEC',
      'steps.score',
    ],
    ['an empty grid', `${base}axes: [{path: tries, values: []}]`, 'LCOMS_E_SPEC', 'the grid is empty'],
    [
      'a milliard points',
      `${base}axes:\n${['tries', 'seed', 'replicates'].map((p) => `  - {path: ${p}, range: [1, 1000], integer: true}\n`).join('')}`,
      'LCOMS_E_SPEC',
      '1000000000 points; a sweep holds at most 20000',
    ],
    [
      'a base outside of its folder',
      'name: bad\nbase: ../starts-only.yaml\naxes: [{path: tries, values: [1]}]',
      'LCOMS_E_FILE',
      'outside',
    ],
    [
      'no such base',
      'name: bad\nbase: nowhere.yaml\naxes: [{path: tries, values: [1]}]',
      'LCOMS_E_FILE',
      'nowhere.yaml',
    ],
    [
      'an optimizer without objective',
      `${base}axes: [{path: tries, values: [1]}]\nsearch: {method: optimizer, points: 3}`,
      'LCOMS_E_SPEC',
      'needs an objective',
    ],
    [
      'an optimizer with gradients',
      `${base}axes: [{path: tries, values: [1]}]\nobjective: {metric: x}\nsearch: {method: optimizer, points: 3, use: optimizer/latent-gradient}`,
      'LCOMS_E_SPEC',
      'gradients',
    ],
    [
      'pruning what is not there',
      `${base}axes: [{path: tries, values: [1]}]\nprune: {rule: asha, node: encodr, metric: x}`,
      'LCOMS_E_SPEC',
      'no node "encodr"',
    ],
    [
      'zipped axes of two lengths',
      `${base}axes: [{zip: [{path: tries, values: [1]}, {path: seed, values: [1, 2]}]}]`,
      'LCOMS_E_SPEC',
      'equally many',
    ],
    ['an unknown key', `${base}axis: []`, 'LCOMS_E_SPEC', 'unknown key "axis"'],
  ])(
    '%s is told before anything runs',
    async (_, text, code, message) => {
      const folder = folderWith('s.yaml', text);
      const before = readdirSync(folder).sort();
      for (const verb of ['plan', 'sweep']) {
        const finished = await lcoms(folder, [verb, 's.yaml']);
        expect(finished.code).toBe(2);
        expectOneScreen(finished, code);
        expect(finished.stderr).toContain(message);
        expect(finished.stderr).toContain('s.yaml');
      }
      expect(readdirSync(folder).sort()).toEqual(before);
    },
    60_000,
  );

  test('run sends a sweep to its verb', async () => {
    const finished = await lcoms(emptyFolder(), ['run', SWEEP]);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain('lcoms sweep');
  });
});

test('an optimizer proposes from what earlier trials gave, the same however many run at a time', async () => {
  const text = [
    'name: adaptive',
    'base: starts-only.yaml',
    'axes: [{path: steps.start-structures.fmax, range: [0.5, 5], scale: log}]',
    'objective: {metric: lcom.medianAfter}',
    'search: {method: optimizer, points: 6, with: {batch: 2, startup: 2}}',
    '',
  ].join('\n');
  const one = folderWith('s.yaml', text);
  const { code, document, stderr } = await lcomsJson<Result>(one, ['sweep', 's.yaml', '--concurrency', '1']);
  expect(code, stderr).toBe(0);
  expect(document.trials.map(({ state }) => state)).toEqual(Array(6).fill('succeeded'));
  const points = document.trials.map(({ point }) => point['steps.start-structures.fmax'] as number);
  expect(new Set(points).size).toBe(6);
  const many = folderWith('s.yaml', text);
  const { document: other } = await lcomsJson<Result>(many, ['sweep', 's.yaml', '--concurrency', '4']);
  expect(other.trials.map(({ point }) => point)).toEqual(document.trials.map(({ point }) => point));
  expect(other.trials.map(({ metrics }) => metrics)).toEqual(document.trials.map(({ metrics }) => metrics));
}, 240_000);

test('a trial that lags behind is pruned, and goes on when its user wants it', async () => {
  const folder = folderWith(
    's.yaml',
    [
      'name: pruned',
      'base: tiny-model.yaml',
      // The second learns nothing: its loss stays where it was.
      'axes: [{path: surrogate.with.learningRate, values: [0.01, 0.0000001]}]',
      'prune: {rule: asha, node: surrogate, metric: trainMse, factor: 2}',
      'concurrency: 1',
      '',
    ].join('\n'),
  );
  const { code, document, stderr } = await lcomsJson<Result>(folder, ['sweep', 's.yaml']);
  expect(code, stderr).toBe(0);
  expect(document.trials.map(({ state }) => state)).toEqual(['succeeded', 'pruned']);
  const [, second] = document.trials as [Trial, Trial];
  expect(second.error).toMatchObject({ code: 'LCOMS_E_PRUNED', message: expect.stringMatching(/pruned at step \d+/) });
  const { document: again } = await lcomsJson<Result>(folder, ['sweep', 's.yaml']);
  expect(again).toEqual(document);
  const { document: run } = await lcomsJson<{ state: string }>(folder, ['resume', second.runId]);
  expect(run.state).toBe('succeeded');
  const { document: shown } = await lcomsJson<Result>(folder, ['show', document.sweepId]);
  expect(shown.trials.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
}, 240_000);

test('a budget of CPU time and a target stop it; more of them goes on, and the data of trials to come survive gc', async () => {
  const folder = folderWith(
    's.yaml',
    'name: limited\nbase: starts-only.yaml\naxes: [{path: tries, values: [1, 2, 3]}]\nobjective: {metric: lcom.medianAfter}\nconcurrency: 1\n',
  );
  const spent = await lcomsJson<Result>(folder, ['sweep', 's.yaml', '--set', 'stop.cpuHours=0.000001']);
  expect(spent.code, spent.stderr).toBe(0);
  expect(spent.document.stopped).toMatch(/CPU hours are spent/);
  expect(spent.document.trials.map(({ state }) => state)).toEqual(['succeeded', 'queued', 'queued']);
  const { sweepId } = spent.document;
  // As good as any: the next trial reaches it.
  const reached = await lcomsJson<Result>(folder, ['sweep', 's.yaml', '--set', 'stop.target=1e9']);
  expect(reached.document).toMatchObject({ sweepId, stopped: 'trial 0 reached the target' });
  // Only the sweep's record names the data from here on.
  rmSync(path.join(folder, '.lcoms', 'store', 'runs'), { recursive: true });
  const gc = await lcomsJson<{ objects: { kind: string; key: string }[] }>(folder, ['gc', '--older-than', '0m']);
  expect(gc.document.objects.filter(({ kind }) => kind === 'blob')).toEqual([]);
  const all = await lcomsJson<Result>(folder, ['sweep', 's.yaml']);
  expect(all.document.stopped).toBeNull();
  expect(all.document.trials.map(({ state }) => state)).toEqual(Array(3).fill('succeeded'));
}, 240_000);

test('a trial worse than the median of the others is pruned', async () => {
  const folder = folderWith(
    's.yaml',
    [
      'name: median',
      'base: tiny-model.yaml',
      'axes: [{path: surrogate.with.learningRate, values: [0.01, 0.005, 0.0000001]}]',
      'prune: {rule: median, node: surrogate, metric: trainMse, from: 2, after: 2}',
      'concurrency: 1',
      '',
    ].join('\n'),
  );
  const { code, document, stderr } = await lcomsJson<Result>(folder, ['sweep', 's.yaml']);
  expect(code, stderr).toBe(0);
  expect(document.trials.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'pruned']);
  expect(document.trials[2]?.error?.message).toMatch(/pruned at step [23]: trainMse .* \(median of 3 trials\)/);
}, 240_000);
