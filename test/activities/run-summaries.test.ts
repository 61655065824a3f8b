import { expect, test } from 'vitest';
import { readSummary, runKey, writePlan, writeStatus } from '../../activities/run-files.js';
import { listSummaries } from '../../activities/run-summaries.js';
import { MemoryStore } from '../../lib/artifacts/memory.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import { experimentSpecSchema } from '../../schemas/experiment.js';
import type { RunPlan, RunStatus } from '../../schemas/run.js';

const spec = experimentSpecSchema.parse({ apiVersion: 1, name: 'a' });

function plan(runId: string, createdAt: string): RunPlan {
  const base = { version: 1 as const, name: 'a', lcoms: '0', spec, specFile: null, specHash: hashJson(spec) };
  return { ...base, runId, createdAt, plugins: [], nodes: [] };
}

function status(runId: string, state: RunStatus['state'], startedAt: string): RunStatus {
  const node = { id: 'data', step: 'prepare-data', key: null, attempt: 1, seconds: 1, artifact: null, error: null };
  const nodes = [{ ...node, state: 'succeeded' as const }];
  return { version: 1, runId, state, startedAt, updatedAt: startedAt, seconds: 2, nodes, error: null };
}

const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

test('runs are listed newest first, from what is written beside plan and status', async () => {
  const store = new MemoryStore();
  await writePlan(store, plan('x', day(1)));
  await writePlan(store, plan('y', day(2)));
  await writeStatus(store, status('x', 'succeeded', day(3)));
  expect(await listSummaries(store)).toMatchObject([
    { runId: 'x', state: 'succeeded', startedAt: day(3), createdAt: day(1), seconds: 2, nodes: { succeeded: 1 } },
    { runId: 'y', state: null, startedAt: day(2), seconds: null, nodes: {} },
  ]);
  // Plans need not be read for it.
  await store.put(runKey('x', 'plan'), Buffer.from('no plan'));
  expect((await listSummaries(store)).map(({ runId }) => runId)).toEqual(['x', 'y']);
});

test('a writer that died between status and summary leaves a listing that is right', async () => {
  let now = 0;
  const store = new MemoryStore(() => now);
  await writePlan(store, plan('x', day(1)));
  await writeStatus(store, status('x', 'running', day(1)));
  now = 1_000;
  const dying = new MemoryStore(() => now);
  for await (const { key } of store.list('')) await dying.put(key, await store.get(key));
  now = 2_000;
  const put = dying.put.bind(dying);
  dying.put = async (key, bytes) => {
    if (key.endsWith('summary.json')) throw new Error('killed');
    await put(key, bytes);
  };
  await expect(writeStatus(dying, status('x', 'failed', day(1)))).rejects.toThrow('killed');
  dying.put = put;
  expect((await readSummary(dying, 'x'))?.state).toBe('running');
  expect(await listSummaries(dying)).toMatchObject([{ runId: 'x', state: 'failed' }]);
});

test.each(['half of one', '{"version":2}'])('a summary that cannot be read (%s) is done without', async (text) => {
  const store = new MemoryStore();
  await writePlan(store, plan('x', day(1)));
  await writeStatus(store, status('x', 'succeeded', day(1)));
  await store.put(runKey('x', 'summary'), Buffer.from(text));
  expect(await listSummaries(store)).toMatchObject([{ runId: 'x', state: 'succeeded' }]);
  // The next status mends it.
  await writeStatus(store, status('x', 'failed', day(1)));
  expect((await readSummary(store, 'x'))?.state).toBe('failed');
});

test('a record of another version is left out', async () => {
  const store = new MemoryStore();
  await writePlan(store, plan('x', day(1)));
  await store.put(runKey('y', 'plan'), Buffer.from('{"version":9}'));
  expect((await listSummaries(store)).map(({ runId }) => runId)).toEqual(['x']);
});
