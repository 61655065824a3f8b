import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, expect, test } from 'vitest';
import { documentOf, emptyFolder, expectOneScreen, lcoms, lcomsJson, start, TINY_MODEL } from './lcoms.js';

interface Listed {
  runId: string;
  name: string;
  state: string;
}
type Table = Record<string, number | string | boolean | null>[];

const folder = emptyFolder();
const runs: string[] = [];

/** Two tiny models, the second with another tau. */
beforeAll(async () => {
  for (const sets of [[], ['--set', 'surrogate.with.tau=0.25']]) {
    runs.push((await documentOf<{ runId: string }>(folder, ['run', TINY_MODEL, ...sets])).runId);
  }
}, 120_000);

test('a run that goes on is watched from elsewhere to its end, and its log followed', async () => {
  const running = start(folder, ['run', TINY_MODEL, '--set', 'name=watched', '--set', 'surrogate.with.epochs=40']);
  await running.prints(/\] data cached/);
  const watching = start(folder, ['watch', 'watched']);
  const following = start(folder, ['logs', 'last', 'surrogate', '-f']);
  const lines = start(folder, ['watch', 'watched', '--json']);
  expect((await running.finished).code).toBe(0);
  const { code, stdout } = await watching.finished;
  expect(stdout).toMatch(/\] surrogate done in/);
  expect(stdout).toMatch(/watched-\S+ succeeded after/);
  expect(code).toBe(0);
  const log = await following.finished;
  expect(log.code).toBe(0);
  expect(log.stdout).toMatch(/surrogate#1 \{"step":40,"trainMse":/);
  const documents = (await lines.finished).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { state: string; nodes: { id: string; state: string }[] });
  expect(documents.at(-1)?.state).toBe('succeeded');
  expect(documents.at(-1)?.nodes.every(({ state }) => ['succeeded', 'cached'].includes(state))).toBe(true);
  const once = await lcoms(folder, ['watch', 'last', '--once']);
  expect([once.code, once.stderr]).toEqual([0, '']);
}, 120_000);

test('runs are filtered, sorted and limited', async () => {
  const list = async (...args: string[]) => (await lcomsJson<Listed[]>(folder, ['ls', ...args])).document;
  expect((await list()).map(({ runId }) => runId).slice(1)).toEqual([...runs].reverse());
  expect(await list('--name', 'watch*')).toMatchObject([{ name: 'watched', state: 'succeeded' }]);
  expect(await list('--state', 'failed')).toEqual([]);
  expect((await list('--reverse', '--limit', '1')).map(({ runId }) => runId)).toEqual([runs[0]]);
  expect((await list('--since', '1d')).length).toBe(3);
  expectOneScreen(await lcoms(folder, ['ls', '--state', 'done']), 'LCOMS_E_USAGE');
});

test('show has metrics, attempts and where it ran; the beginning of an id is enough', async () => {
  const { document } = await lcomsJson<{
    environment: { machine: { cores: number } };
    backends: string[];
    nodes: { id: string; metrics: object | null; attempts: { attempt: number; reported: number; end: object }[] }[];
  }>(folder, ['show', (runs[1] ?? '').slice(0, -2)]);
  expect(document.environment.machine.cores).toBeGreaterThan(0);
  expect(document.backends.length).toBe(1);
  const surrogate = document.nodes.find(({ id }) => id === 'surrogate');
  expect(surrogate?.metrics).toHaveProperty('trainMse');
  expect(surrogate?.attempts).toMatchObject([{ attempt: 1, reported: 3, end: { state: 'succeeded' } }]);
  // Its encoder is of the first run, and so is what the encoder reported.
  expect(document.nodes.find(({ id }) => id === 'encoder')?.attempts).toMatchObject([{ attempt: 1, reported: 3 }]);
  expect((await lcoms(folder, ['show', 'last'])).stdout).toMatch(/surrogate +step 40 +trainMse [\d.]+ +[▁-█]{20}/);
});

test('diff names what differs and nothing else', async () => {
  const { document } = await lcomsJson<{
    spec: { path: string; a: unknown; b: unknown }[];
    environment: object[];
    artifacts: { node: string; same: boolean }[];
  }>(folder, ['diff', runs[0] ?? '', runs[1] ?? '']);
  expect(document.spec).toEqual([{ path: 'surrogate.with.tau', b: 0.25 }]);
  expect(document.environment).toEqual([]);
  expect(document.artifacts.filter(({ same }) => !same).map(({ node }) => node)).toEqual(['surrogate']);
});

test('best ranks runs by a metric of a node; an unknown one names those that there are', async () => {
  const metric = 'surrogate:validationMse';
  const { document } = await lcomsJson<(Listed & { value: number })[]>(folder, ['best', '--metric', metric]);
  expect(document.length).toBe(3);
  const values = document.map(({ value }) => value);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  const most = await lcomsJson<{ value: number }[]>(folder, ['best', '--metric', metric, '--goal', 'max']);
  expect(most.document.map(({ value }) => value)).toEqual([...values].reverse());
  const unknown = await lcoms(folder, ['best', '--metric', 'surrogate:validationMze']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('Did you mean surrogate:validationMse?');
});

test('export: CSV, JSON lines and Parquet hold the same', async () => {
  const { document: metrics } = await lcomsJson<Table>(folder, ['export', 'last', '--table', 'metrics']);
  const losses = metrics.filter(({ node, name }) => node === 'surrogate' && name === 'trainMse');
  expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(losses.every(({ kept }) => kept === true)).toBe(true);

  const { document: all } = await lcomsJson<Table>(folder, ['export', '--all']);
  expect(all.map((row) => row['spec.surrogate.with.tau'])).toEqual([undefined, 0.25, undefined]);
  const lines = await lcoms(folder, ['export', '--all', '--format', 'jsonl']);
  expect(
    lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(all);
  const csv = (await lcoms(folder, ['export', '--all'])).stdout.trim().split('\n');
  expect(csv.length).toBe(4);
  expect(csv[0]).toMatch(/^runId,name,state,/);
  expect((await lcoms(folder, ['export', '--all', '--format', 'parquet', '--out', 'r.parquet'])).code).toBe(0);
  const bytes = readFileSync(path.join(folder, 'r.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = (await parquetReadObjects({ file })) as Table;
  expect(rows.map(({ runId, seconds }) => [runId, seconds])).toEqual(all.map(({ runId, seconds }) => [runId, seconds]));
  expect((await lcoms(folder, ['export', '--all', '--format', 'parquet'])).code).toBe(2);
  expect((await lcoms(folder, ['export'])).code).toBe(2);
});

interface LineageDocument {
  nodes: { id: string; kind: string; step: string | null; plugin: string | null; key: string; digest: string }[];
  edges: { from: string; to: string; input: string }[];
}

test('lineage of a run, of a node, of a digest and of a file', async () => {
  const of = async (...args: string[]) => (await lcomsJson<LineageDocument>(folder, ['lineage', ...args])).document;
  const run = await of(runs[0] ?? '');
  expect(run.nodes.map(({ id }) => id.split(' ')[0])).toEqual([
    'data',
    'tiny.jsonl',
    'encoder',
    'latents',
    'surrogate',
  ]);
  expect(run.edges).toContainEqual({ from: 'latents', to: 'surrogate', input: 'latents' });
  const encoder = await of('encoder', '--run', runs[0] ?? '');
  expect(encoder.nodes.map(({ id }) => id.split(' ')[0])).toEqual(['data', 'tiny.jsonl', 'encoder']);
  const surrogate = run.nodes.find(({ id }) => id === 'surrogate');
  const digest = await of((surrogate?.digest ?? '').slice(0, 12));
  expect(digest.nodes.map(({ step }) => step)).toEqual(
    expect.arrayContaining(['prepare-data', 'train-encoder', 'encode-data', 'train-surrogate']),
  );
  expect(digest.nodes.find(({ step }) => step === 'train-surrogate')?.key).toBe(surrogate?.key);

  const dot = await lcoms(folder, ['lineage', runs[0] ?? '', '--format', 'dot']);
  expect(dot.stdout).toContain('"encoder" -> "latents"');
  await lcoms(folder, ['lineage', 'last', '--format', 'svg', '--out', 'l.svg']);
  const svg = readFileSync(path.join(folder, 'l.svg'), 'utf8');
  expect(svg.match(/<rect /g)?.length).toBe(1 + 5);
  expect(svg.match(/marker-end/g)?.length).toBe(run.edges.length);

  const wrong = await lcoms(folder, ['lineage', 'encodr']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean encoder?');
});

test('cache explain names the part of the key that differs', async () => {
  interface Explained {
    status: string;
    waitsFor: string[];
    nearest: { differences: { part: string; path: string; now: unknown; then: unknown }[] } | null;
  }
  const explain = async (...args: string[]) =>
    (await lcomsJson<Explained>(folder, ['cache', 'explain', ...args])).document;
  const made = await explain('surrogate', '--run', runs[1] ?? '');
  expect(made.status).toBe('hit');
  expect(made.nearest?.differences).toEqual([
    { part: 'options', path: 'plugin.options.tau', now: 0.25, then: expect.any(Number) },
  ]);
  const first = await explain('encoder', '--run', runs[0] ?? '');
  expect(first).toMatchObject({ status: 'hit', nearest: null });
  const other = await explain('encoder', '--spec', TINY_MODEL, '--set', 'seed=5');
  expect(other).toMatchObject({ status: 'miss', waitsFor: ['data'] });
  expect(other.nearest?.differences.map(({ part }) => part)).toEqual(['inputs', 'seed']);
  const changed = await explain('encoder', '--spec', TINY_MODEL, '--set', 'encoder.with.epochs=4');
  expect(changed).toMatchObject({ status: 'miss', waitsFor: [] });
  expect(changed.nearest?.differences).toEqual([{ part: 'options', path: 'plugin.options.epochs', now: 4, then: 3 }]);
  expect((await lcoms(folder, ['cache', 'explain', 'encodr'])).stderr).toContain('Did you mean encoder?');
});

test('a result that is taken back is made anew; gc frees it, and keeps what runs need', async () => {
  const { document: cached } = await lcomsJson<{ key: string; step: string }[]>(folder, ['cache', 'ls']);
  expect(cached.length).toBe(6);
  const dry = await lcomsJson<{ nodes: { id: string; key: string }[] }>(folder, [
    'cache',
    'invalidate',
    'surrogate',
    '--dry-run',
  ]);
  expect(dry.document.nodes.map(({ id }) => id)).toEqual(['surrogate']);
  expect((await lcomsJson<object[]>(folder, ['cache', 'ls'])).document.length).toBe(6);
  expect((await lcoms(folder, ['cache', 'invalidate', 'surrogate'])).code).toBe(0);
  const { document: left } = await lcomsJson<{ key: string }[]>(folder, ['cache', 'ls']);
  expect(left.map(({ key }) => key)).not.toContain(dry.document.nodes[0]?.key);

  interface Gc {
    deleted: number;
    objects: { kind: string; key: string }[];
  }
  const plan = await lcomsJson<Gc>(folder, ['gc', '--dry-run', '--older-than', '0m']);
  expect(plan.document.deleted).toBe(0);
  // The weights of the surrogate that was taken back are nobody's now.
  expect(plan.document.objects.length).toBeGreaterThan(0);
  expect((await lcomsJson<Gc>(folder, ['gc', '--older-than', '1h'])).document.deleted).toBe(0);
  const gone = await lcomsJson<Gc>(folder, ['gc', '--older-than', '0m']);
  expect(gone.document.deleted).toBe(plan.document.objects.length);
  expect((await lcomsJson<Gc>(folder, ['gc', '--dry-run', '--older-than', '0m'])).document.objects).toEqual([]);
  // Of the data that no manifest names, only the record of the runs: it stays.
  const again = await lcomsJson<{ state: string }>(folder, ['run', TINY_MODEL]);
  expect(again.document.state).toBe('succeeded');
  const shown = await lcomsJson<{ nodes: { state: string }[] }>(folder, ['show', 'last']);
  expect(shown.document.nodes.every(({ state }) => state === 'cached')).toBe(true);
}, 180_000);

test('none of these verbs makes a home where there is none', async () => {
  const empty = emptyFolder();
  for (const args of [['ls'], ['cache', 'ls'], ['gc', '--dry-run'], ['export', '--all'], ['best', '--metric', 'a']])
    expect((await lcoms(empty, args)).code).toBe(0);
  for (const args of [
    ['show', 'last'],
    ['watch', 'last'],
    ['logs', 'last'],
    ['lineage', 'last'],
    ['diff', 'a', 'b'],
  ])
    expect((await lcoms(empty, args)).code).toBe(2);
  expect(existsSync(path.join(empty, '.lcoms'))).toBe(false);
  writeFileSync(path.join(empty, 'notes.txt'), 'no result');
  expectOneScreen(await lcoms(empty, ['lineage', 'notes.txt']), 'LCOMS_E_NOT_FOUND');
}, 120_000);
