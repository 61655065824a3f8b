import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeMetricsPrefix } from '../../activities/metrics/layout.js';
import { MetricsRecorder } from '../../activities/metrics/metrics-recorder.js';
import { readNodeMetrics, readRunMetrics } from '../../activities/metrics/read-metrics.js';
import { MemoryStore } from '../../lib/artifacts/memory.js';
import { LcomsError } from '../../schemas/errors.js';

const quiet = (): never => {
  throw new Error('the store is there');
};
const recorder = (store: MemoryStore, node = 'encoder') => new MetricsRecorder(store, 'r', node, quiet);

/** A training of `total` steps that reports every one, saves where told, and dies after `until` steps. */
async function train(store: MemoryStore, from: number, until: number, saveAt: ReadonlySet<number>): Promise<number> {
  const metrics = recorder(store);
  if (from > 0) metrics.resumed(from);
  let saved = from;
  for (let step = from + 1; step <= until; step++) {
    metrics.report({ step, loss: 1 / step });
    if (!saveAt.has(step)) continue;
    await metrics.beforeCheckpoint(step);
    saved = step;
  }
  await metrics.end('stopped', null);
  return saved;
}

test('whatever dies and goes on, no step is logged twice and none is missing (any kills and checkpoints)', async () => {
  const steps = fc.integer({ min: 0, max: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(steps, fc.uniqueArray(steps)), { maxLength: 5 }), async (attempts) => {
      const store = new MemoryStore();
      let at = 0;
      for (const [more, saves] of attempts) at = await train(store, at, at + more, new Set(saves.map((s) => at + s)));
      await train(store, at, 61, new Set());
      const found = await readNodeMetrics(store, 'r', 'encoder');
      expect(found?.rows.map(({ step }) => step)).toEqual(Array.from({ length: 61 }, (_, i) => i + 1));
    }),
    { numRuns: 100 },
  );
});

test('a failed attempt keeps what it logged, and the error', async () => {
  const store = new MemoryStore();
  const first = recorder(store);
  for (const step of [1, 2, 3]) first.report({ step, loss: step });
  await first.end('failed', new LcomsError('LCOMS_E_INTERNAL', 'not finite').toJSON());
  const second = recorder(store);
  second.report({ step: 1, loss: 1 });
  await second.end('succeeded', null);
  const found = await readNodeMetrics(store, 'r', 'encoder');
  expect(found?.attempts.map(({ attempt, rows, end }) => [attempt, rows.length, end?.state])).toEqual([
    [1, 3, 'failed'],
    [2, 1, 'succeeded'],
  ]);
  expect(found?.attempts[0]?.end?.error).toMatchObject({ code: 'LCOMS_E_INTERNAL', message: 'not finite' });
  // The second began anew, so nothing of the first is part of the training.
  expect(found?.rows).toEqual([{ step: 1, loss: 1 }]);
});

test('an attempt that was thought dead writes under its own number', async () => {
  const store = new MemoryStore();
  const [zombie, next] = [recorder(store), recorder(store)];
  zombie.report({ step: 1, loss: 5 });
  await zombie.beforeCheckpoint(1);
  next.resumed(1);
  next.report({ step: 2, loss: 4 });
  zombie.report({ step: 2, loss: 5 });
  await next.end('succeeded', null);
  await zombie.end('stopped', null);
  const found = await readNodeMetrics(store, 'r', 'encoder');
  expect(found?.attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(found?.rows).toEqual([
    { step: 1, loss: 5 },
    { step: 2, loss: 4 },
  ]);
});

test('many steps are several parts that read as one; numbers that are not finite are null', async () => {
  const store = new MemoryStore();
  const metrics = recorder(store);
  for (let step = 0; step < 5_000; step++) {
    metrics.report({ step, loss: step === 7 ? Number.NaN : step });
    if (step % 1000 === 999) await metrics.beforeCheckpoint(step);
  }
  await metrics.end('succeeded', null);
  const keys: string[] = [];
  for await (const { key } of store.list(nodeMetricsPrefix('r', 'encoder'))) keys.push(key);
  expect(keys.length).toBeGreaterThan(2);
  const found = await readNodeMetrics(store, 'r', 'encoder');
  expect(found?.rows.map(({ step }) => step)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  expect(found?.rows[7]).toEqual({ step: 7, loss: null });
});

test('nodes of similar names are kept apart; one that reports nothing leaves nothing', async () => {
  const store = new MemoryStore();
  for (const node of ['start/CO', 'start/Co', 'start']) {
    const metrics = recorder(store, node);
    metrics.report({ step: 1, length: node.length });
    await metrics.end('succeeded', null);
  }
  await recorder(store, 'score').end('succeeded', null);
  const found = await readRunMetrics(store, 'r');
  expect([...found.keys()].sort()).toEqual(['start', 'start/CO', 'start/Co']);
});

test('a store that refuses metrics is told of once and stops nothing', async () => {
  const told: string[] = [];
  const store = new MemoryStore();
  store.putIfAbsent = async () => {
    throw new LcomsError('LCOMS_E_STORE', 'the disk is full');
  };
  const metrics = new MetricsRecorder(store, 'r', 'encoder', (message) => told.push(message));
  for (const step of [1, 2]) {
    metrics.report({ step, loss: 1 });
    await metrics.beforeCheckpoint(step);
  }
  await metrics.end('succeeded', null);
  expect(told).toEqual(['metrics could not be recorded: the disk is full']);
});
