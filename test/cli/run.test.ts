import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, start, TINY } from './lcoms.js';

interface Result {
  runId: string;
  state: string;
  outDir: string;
  files: Record<string, string>;
  metrics: Record<string, unknown>;
  error?: { code: string };
}
interface Shown {
  runId: string;
  state: string;
  spec: { name: string };
  nodes: { id: string; key: string; state: string; artifact: { digest: string; bytes: number } | null }[];
}
interface Listed {
  runId: string;
  name: string;
  state: string;
  startedAt: string;
  seconds: number;
}

const home = emptyFolder();
let digests: Record<string, string | undefined> = {};

async function digestsOf(folder: string, runId: string): Promise<Record<string, string | undefined>> {
  const { document } = await lcomsJson<Shown>(folder, ['show', runId]);
  return Object.fromEntries(document.nodes.map(({ id, artifact }) => [id, artifact?.digest]));
}

test('plan runs and writes nothing', async () => {
  const { code, document } = await lcomsJson<{ nodes: { id: string; status: string; needs: object }[] }>(home, [
    'plan',
    TINY,
  ]);
  expect(code).toBe(0);
  expect(document.nodes.map(({ id }) => id)).toContain('score/NaCl');
  expect(document.nodes.every(({ status }) => status === 'miss')).toBe(true);
  expect((await lcoms(home, ['plan', TINY])).stdout).toMatch(/start +x 2 +miss/);
  expect(readdirSync(home)).toEqual([]);
});

test('a run from its spec to its results', async () => {
  const { code, stdout, stderr } = await lcoms(home, ['run', TINY, '--out', 'results/a']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/\] report done in/);
  expect(stdout).toContain('First try per compound');
  const out = path.join(home, 'results', 'a');
  expect(readdirSync(out).sort()).toEqual([
    'costs.csv',
    'crystals',
    'equal-time.csv',
    'plan.json',
    'results.csv',
    'results.json',
    'results.parquet',
    'table.txt',
    'timings.csv',
    'training',
  ]);
  expect(readdirSync(path.join(out, 'crystals'))).toEqual(['MgO.cif', 'NaCl.cif']);
  expect(stdout).toContain(readFileSync(path.join(out, 'table.txt'), 'utf8').trim());
  expect(readFileSync(path.join(out, 'costs.csv'), 'utf8')).toMatch(/^method,answers,.*\nlcom,2,/);
  expect(stdout).toContain('CPU seconds an answer by step');
  const timings = readFileSync(path.join(out, 'timings.csv'), 'utf8').trim().split('\n');
  expect(timings[0]).toBe('node,step,seconds,cpuSeconds,cached,backend');
  expect(timings).toHaveLength(19);
  expect(readdirSync(path.join(home, 'results'))).toEqual(['a']);

  const { document: runs } = await lcomsJson<Listed[]>(home, ['ls']);
  expect(runs).toMatchObject([{ name: 'tiny', state: 'succeeded' }]);
  const { document: shown } = await lcomsJson<Shown>(home, ['show', runs[0]?.runId ?? '']);
  expect(shown.nodes.every(({ state }) => state === 'succeeded')).toBe(true);
  expect(shown.spec.name).toBe('tiny');
  digests = await digestsOf(home, shown.runId);
}, 120_000);

test('the same again is all cached, and --json is one document', async () => {
  const { code, document, stderr } = await lcomsJson<Result>(home, ['run', TINY]);
  expect(code).toBe(0);
  expect(document.state).toBe('succeeded');
  expect(document.outDir).toBe(path.join(home, 'lcoms-out', document.runId));
  for (const kind of ['csv', 'json', 'parquet', 'table', 'crystals', 'timings', 'costs'])
    expect(existsSync(document.files[kind] ?? '')).toBe(true);
  expect(document.metrics['lcom.compounds']).toBe(2);
  expect(stderr).toMatch(/\] report cached/);
  const { document: shown } = await lcomsJson<Shown>(home, ['show', document.runId]);
  expect(new Set(shown.nodes.map(({ state }) => state))).toEqual(new Set(['cached']));
  const { document: plan } = await lcomsJson<{ nodes: { status: string }[] }>(home, ['plan', TINY]);
  expect(plan.nodes.every(({ status }) => status === 'hit')).toBe(true);
  for (const name of ['results.csv', 'results.json', 'results.parquet', 'table.txt']) {
    expect(readFileSync(path.join(document.outDir, name))).toEqual(readFileSync(path.join(home, 'results', 'a', name)));
  }
}, 60_000);

test('figures are drawn of what is there already, and said in words', async () => {
  const drawn = ['run', TINY, '--set', 'figures=[search, improvement, training]'];
  const { code, document } = await lcomsJson<Result>(home, drawn);
  expect(code).toBe(0);
  const folder = document.files['figures'] ?? '';
  expect(readdirSync(folder).sort()).toEqual([
    'figures.txt',
    ...['improvement', 'search', 'training'].flatMap((name) => [`${name}.svg`, `${name}.vl.json`]),
  ]);
  for (const name of ['improvement', 'search', 'training'])
    expect(readFileSync(path.join(folder, `${name}.svg`), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  const { document: shown } = await lcomsJson<Shown>(home, ['show', document.runId]);
  expect(shown.nodes.filter(({ state }) => state !== 'cached').map(({ id }) => id)).toEqual(['figures']);
  const curve = readFileSync(path.join(document.files['training'] ?? '', 'surrogate.csv'), 'utf8');
  expect(curve).toMatch(/^epoch,alpha,over,trainMse,trainRmse,validationMse,validationRmse\n1,/);
  const again = await lcoms(home, drawn);
  expect(again.stdout).toContain(readFileSync(path.join(folder, 'figures.txt'), 'utf8').trim());
}, 180_000);

test('resume of a run that succeeded writes its results again', async () => {
  const { document: runs } = await lcomsJson<Listed[]>(home, ['resume']);
  expect(runs).toEqual([]);
  const { document: all } = await lcomsJson<Listed[]>(home, ['ls']);
  const { code, document } = await lcomsJson<Result>(home, ['resume', all[0]?.runId ?? '']);
  expect(code).toBe(0);
  expect(document.state).toBe('succeeded');
});

test('plan says which steps a change makes anew', async () => {
  const { document } = await lcomsJson<{ nodes: { id: string; status: string }[] }>(home, [
    'plan',
    TINY,
    '--set',
    'surrogate.with.tau=0.5',
  ]);
  const hits = document.nodes.filter(({ status }) => status === 'hit').map(({ id }) => id);
  expect(hits).toContain('encoder');
  expect(hits).not.toContain('surrogate');
  expect(document.nodes.find(({ id }) => id === 'optimize/MgO')?.status).toBe('miss');
});

test('interrupted and resumed, a run comes to the same artifacts', async () => {
  const folder = emptyFolder();
  const running = start(folder, ['run', TINY]);
  await running.prints(/\] data done/);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.finished;
  expect(code).toBe(130);
  const runId = /lcoms resume (tiny-\S+)/.exec(stderr)?.[1] ?? '';
  expect(runId).not.toBe('');
  expect(existsSync(path.join(folder, 'lcoms-out'))).toBe(false);
  const { document: open } = await lcomsJson<Listed[]>(folder, ['resume']);
  expect(open).toMatchObject([{ runId, state: 'interrupted' }]);

  const resumed = await lcomsJson<Result>(folder, ['resume', runId]);
  expect(resumed.stderr).not.toContain('error');
  expect(resumed.code).toBe(0);
  expect(resumed.document).toMatchObject({ runId, state: 'succeeded' });
  expect(await digestsOf(folder, runId)).toEqual(digests);
}, 120_000);

test('a run goes on in the background, and resume watches it to its end', async () => {
  const { code, document } = await lcomsJson<Result>(home, [
    'run',
    TINY,
    '--detach',
    '--set',
    'surrogate.with.epochs=4',
  ]);
  expect(code).toBe(0);
  expect(document.state).toBe('running');
  const { document: runs } = await lcomsJson<Listed[]>(home, ['ls']);
  expect(runs.find(({ runId }) => runId === document.runId)?.state).toMatch(/running|succeeded/);
  const end = await lcomsJson<Result>(home, ['resume', document.runId]);
  expect(end.code).toBe(0);
  expect(end.document.state).toBe('succeeded');
}, 120_000);

test('a damaged artifact is never read as whole', async () => {
  const { document: runs } = await lcomsJson<Listed[]>(home, ['ls']);
  const { document: shown } = await lcomsJson<Shown>(home, ['show', runs.at(-1)?.runId ?? '']);
  const key = shown.nodes.find(({ id }) => id === 'encoder')?.key ?? '';
  const store = path.join(home, '.lcoms', 'store');
  const manifest = JSON.parse(readFileSync(path.join(store, 'manifests', `${key}.json`), 'utf8')) as {
    artifact: { blobs: { digest: string }[] };
  };
  const digest = manifest.artifact.blobs[0]?.digest ?? '';
  const blob = path.join(store, 'blobs', 'sha256', digest.slice(0, 2), digest.slice(2, 4), digest);
  const bytes = readFileSync(blob);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  chmodSync(blob, 0o644);
  writeFileSync(blob, bytes);
  const finished = await lcoms(home, ['run', TINY, '--out', 'results/damaged']);
  expect(finished.code).toBe(3);
  expectOneScreen(finished, 'LCOMS_E_ARTIFACT_CORRUPT');
  expect(finished.stderr).toContain(digest);
  expect(existsSync(path.join(home, 'results', 'damaged'))).toBe(false);
}, 60_000);
