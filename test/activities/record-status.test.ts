import { expect, test } from 'vitest';
import { type StatusUpdate, statusActivity } from '../../activities/record-status.js';
import { closeStatus, readStatus } from '../../activities/run-files.js';
import { MemoryStore } from '../../lib/artifacts/memory.js';
import { LcomsError } from '../../schemas/errors.js';
import type { NodeRecord, RunPlan } from '../../schemas/run.js';

const node = (id: string, state: NodeRecord['state']): NodeRecord => {
  return { id, step: 'encode', state, key: null, attempt: 1, seconds: null, artifact: null, error: null };
};

function update(execution: string, sequence: number, nodes: NodeRecord[], rest: Partial<StatusUpdate> = {}) {
  const report = { runId: 'run', state: 'running' as const, startedAt: '2026-01-01T00:00:00Z', error: null };
  return { ...report, execution, sequence, first: sequence === 1, nodes, ...rest };
}

async function recorded(store: MemoryStore) {
  const status = await readStatus(store, 'run');
  return [status?.state, ...(status?.nodes ?? []).map(({ id, state }) => `${id} ${state}`)];
}

test('changes are merged; a record that a sleeping worker brings late changes nothing', async () => {
  const store = new MemoryStore();
  const record = statusActivity(store);
  await record(update('one', 1, [node('a', 'running'), node('b', 'queued')]));
  await record(update('one', 3, [node('a', 'succeeded'), node('b', 'running')]));
  await record(update('one', 2, [node('a', 'running')]));
  expect(await recorded(store)).toEqual(['running', 'a succeeded', 'b running']);
  // Tried again after an answer that was lost.
  await record(update('one', 3, [node('a', 'succeeded'), node('b', 'running')]));
  await record(update('one', 4, [node('b', 'succeeded')], { state: 'succeeded' }));
  await record(update('one', 1, [node('a', 'running'), node('b', 'queued')]));
  expect(await recorded(store)).toEqual(['succeeded', 'a succeeded', 'b succeeded']);
});

test('one of an execution before, or after the run was closed by hand, changes nothing; the next execution begins anew', async () => {
  const store = new MemoryStore();
  const record = statusActivity(store);
  await record(update('one', 1, [node('a', 'running')]));
  await closeStatus(store, { runId: 'run', createdAt: '', nodes: [] } as unknown as RunPlan, 'cancelled');
  await record(update('one', 2, [node('a', 'succeeded')]));
  expect(await recorded(store)).toEqual(['cancelled', 'a cancelled']);
  await record(update('two', 1, [node('a', 'queued')]));
  await record(update('one', 7, [node('a', 'failed')]));
  expect(await recorded(store)).toEqual(['running', 'a queued']);
});

test('a run that an earlier version has begun is recorded on', async () => {
  const store = new MemoryStore();
  const record = statusActivity(store);
  const { execution: _, sequence: __, ...old } = update('one', 1, [node('a', 'running')]);
  await record(old);
  await record(update('one', 5, [node('a', 'succeeded')]));
  expect(await recorded(store)).toEqual(['running', 'a succeeded']);
});

test('a store that is away when a change is recorded costs nothing that was recorded; a damaged record is made anew', async () => {
  class Flaky extends MemoryStore {
    away = false;
    override async get(key: string): Promise<Uint8Array> {
      if (this.away) throw new LcomsError('LCOMS_E_STORE', 'cannot reach the store');
      return await super.get(key);
    }
  }
  const store = new Flaky();
  const record = statusActivity(store);
  await record(update('one', 1, [node('a', 'succeeded'), node('b', 'queued')]));
  store.away = true;
  await expect(record(update('one', 2, [node('b', 'running')]))).rejects.toMatchObject({ code: 'LCOMS_E_STORE' });
  store.away = false;
  await record(update('one', 2, [node('b', 'running')]));
  expect(await recorded(store)).toEqual(['running', 'a succeeded', 'b running']);
  await store.put('runs/run/status.json', Buffer.from('{'));
  await record(update('one', 3, [node('b', 'succeeded')]));
  expect(await recorded(store)).toEqual(['running', 'b succeeded']);
});
