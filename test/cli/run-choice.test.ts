import { expect, test } from 'vitest';
import { writePlan } from '../../activities/run-files.js';
import { ageOption, runFilter } from '../../cli/run-filters.js';
import { knownRun } from '../../cli/run-id.js';
import { sparkline } from '../../cli/sparkline.js';
import { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { MemoryStore } from '../../lib/artifacts/memory.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import { experimentSpecSchema } from '../../schemas/experiment.js';

const spec = experimentSpecSchema.parse({ apiVersion: 1, name: 'a' });
const store = new ArtifactStore(new MemoryStore());
const ids = ['mgo-20260103-000000-aaaa', 'mgo-20260101-000000-bbbb', 'zno-20260102-000000-cccc'];
for (const [i, runId] of ids.entries()) {
  const base = { version: 1 as const, name: 'a', lcoms: '0', spec, specFile: null, specHash: hashJson(spec) };
  const createdAt = new Date(Date.UTC(2026, 0, 3 - i)).toISOString();
  await writePlan(store.store, { ...base, runId, createdAt, plugins: [], nodes: [] });
}

test.each([
  [ids[1] ?? '', ids[1]],
  ['zno', ids[2]],
  ['mgo-20260103', ids[0]],
  ['last', ids[0]],
])('%s is one run', async (given, meant) => {
  expect(await knownRun({ store }, given)).toBe(meant);
});

test.each([
  ['mgo', /begins the ids of 2 runs: mgo-20260101-000000-bbbb, mgo-20260103-000000-aaaa/],
  ['zno-20260102-000000-ccce', /Did you mean zno-20260102-000000-cccc\? The newest: mgo-20260103/],
  ['', /there is no run ""/],
])('%j is none', async (given, message) => {
  await expect(knownRun({ store }, given)).rejects.toMatchObject({ code: 'LCOMS_E_NOT_FOUND', message });
});

test('without any run the message says so', async () => {
  const none = { store: new ArtifactStore(new MemoryStore()) };
  await expect(knownRun(none, 'last')).rejects.toThrow('There are no runs yet');
});

const now = Date.UTC(2026, 0, 10, 12);
const run = (name: string, state: 'failed' | 'succeeded', startedAt: string) => ({ name, state, startedAt });
const all = [
  run('tau-1', 'failed', '2026-01-10T11:00:00.000Z'),
  run('tau-2', 'succeeded', '2026-01-08T00:00:00.000Z'),
  run('pso', 'succeeded', '2025-12-31T23:59:59.000Z'),
];

test.each([
  [{}, ['tau-1', 'tau-2', 'pso']],
  [{ state: 'failed' }, ['tau-1']],
  [{ state: 'failed, succeeded' }, ['tau-1', 'tau-2', 'pso']],
  [{ name: 'tau-*' }, ['tau-1', 'tau-2']],
  [{ name: 'tau' }, []],
  [{ name: '*.*' }, []],
  [{ since: '90m' }, ['tau-1']],
  [{ since: '3d' }, ['tau-1', 'tau-2']],
  [{ since: '2026-01-01' }, ['tau-1', 'tau-2']],
  [{ since: '2026-01-08T00:00', state: 'succeeded' }, ['tau-2']],
])('%j keeps %j', (values, names) => {
  expect(all.filter(runFilter(values, now)).map(({ name }) => name)).toEqual(names);
});

test.each([
  [{ state: 'done' }, /the states are queued, running/],
  [{ since: 'yesterday' }, /write how long ago/],
  [{ since: '2026-13-01' }, /write how long ago/],
])('%j is refused', (values, message) => {
  expect(() => runFilter(values, now)).toThrow(message);
});

test('ages', () => {
  expect(ageOption('older-than', undefined, 5)).toBe(5);
  expect(ageOption('older-than', '1.5h', 5)).toBe(5_400_000);
  expect(() => ageOption('older-than', '3 days', 5)).toThrow(/--older-than is "3 days"/);
});

test('sparklines', () => {
  expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([3, 3, 3])).toBe('▁▁▁');
  expect(sparkline([4, 2, 2, 0], 2)).toBe('█▁');
  expect(sparkline([1, Number.NaN])).toBe('');
});
