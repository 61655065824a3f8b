import { describe, expect, test } from 'vitest';
import { decide, isRung, Pruner } from '../../../activities/sweep/pruner.js';
import { keepTrial } from '../../../activities/sweep/sweep-files.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { type PruneRule, pruneSchema } from '../../../schemas/trial.js';

const rule = (given: object): PruneRule => pruneSchema.parse({ node: 'surrogate', metric: 'loss', ...given });
const median = rule({ rule: 'median', after: 3, from: 2, every: 3 });
const asha = rule({ rule: 'asha', factor: 3 });

test('rungs: every so many steps, or powers of the factor', () => {
  const upTo = (r: PruneRule, n: number) =>
    Array.from({ length: n }, (_, i) => i + 1).filter((step) => isRung(r, step));
  expect(upTo(median, 12)).toEqual([2, 5, 8, 11]);
  expect(upTo(asha, 100)).toEqual([1, 3, 9, 27, 81]);
  expect(upTo(rule({ rule: 'asha', from: 5, factor: 2 }), 50)).toEqual([5, 10, 20, 40]);
});

describe('median', () => {
  test('prunes what is worse than the middle of the others, once there are enough', () => {
    expect(decide(median, 9, [1, 2])).toEqual({ prune: false, of: 3, threshold: null });
    expect(decide(median, 2.5, [1, 2, 3])).toEqual({ prune: true, of: 4, threshold: 2 });
    expect(decide(median, 2, [1, 2, 3])).toEqual({ prune: false, of: 4, threshold: 2 });
    expect(decide(median, 2.4, [1, 2, 3, 4])).toEqual({ prune: false, of: 5, threshold: 2.5 });
    const most = rule({ rule: 'median', after: 3, goal: 'maximize' });
    expect(decide(most, 1.5, [1, 2, 3]).prune).toBe(true);
    expect(decide(most, 2.5, [1, 2, 3]).prune).toBe(false);
  });

  test('a loss that is no number is worse than any', () => {
    expect(decide(median, Number.NaN, [1, 2, 3]).prune).toBe(true);
    expect(decide(median, 5, [Number.NaN, Number.POSITIVE_INFINITY, 1]).prune).toBe(false);
  });
});

describe('asha', () => {
  test('lets the best third of those so far go on, at least one', () => {
    expect(decide(asha, 7, []).prune).toBe(false);
    expect(decide(asha, 7, [5]).prune).toBe(true);
    expect(decide(asha, 4, [5]).prune).toBe(false);
    expect(decide(asha, 2, [1, 3, 4, 5, 6]).prune).toBe(false);
    expect(decide(asha, 3.5, [1, 3, 4, 5, 6]).prune).toBe(true);
  });
});

describe('a pruner', () => {
  const quiet = (): void => undefined;
  const trial = (store: MemoryStore, index: number) =>
    new Pruner({ sweepId: 's-00000000', index, prune: asha }, store, quiet);

  test('ends a trial that lags behind those recorded, and says by how much', async () => {
    const store = new MemoryStore();
    const first = trial(store, 0);
    first.report(1, { loss: 1, other: 9 });
    await first.settled();
    const second = trial(store, 1);
    second.report(1, { loss: 2 });
    await expect(second.settled()).rejects.toMatchObject({
      code: 'LCOMS_E_PRUNED',
      message: 'pruned at step 1: loss 2 is behind 1 (asha of 2 trials)',
    });
    expect(second.signal.aborted).toBe(true);
  });

  test('stands by what it decided when the node is tried again, and lets a trial be that its user goes on with', async () => {
    const store = new MemoryStore();
    for (const [index, loss] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const pruner = trial(store, index);
      pruner.report(1, { loss });
      await pruner.settled().catch(quiet);
    }
    const again = trial(store, 0);
    again.report(1, { loss: 1 });
    await again.settled();
    await keepTrial(store, { sweepId: 's-00000000', index: 1 });
    const kept = trial(store, 1);
    kept.report(1, { loss: 2 });
    await kept.settled();
  });
});
