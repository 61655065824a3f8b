import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointPace, paceSettings } from '../../../lib/artifacts/checkpoint-pace.js';
import { CheckpointStore } from '../../../lib/artifacts/checkpoints.js';
import { Claim } from '../../../lib/artifacts/claims.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { sha256 } from '../../../lib/hashing/sha256.js';
import { codeOf } from './conformance.js';
import { text } from './samples.js';

const NODE = sha256('node');
const weights = (value: string) => [{ name: 'weights.bin', bytes: text(value) }];

async function attempt(store: MemoryStore, run = 'run') {
  const claim = await Claim.take(store, NODE, run);
  return { claim, checkpoints: new CheckpointStore(store, NODE, { claim }) };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('an attempt that comes late', () => {
  it('writes no checkpoint once a younger attempt of its run has begun', async () => {
    const store = new MemoryStore();
    const late = await attempt(store);
    await late.checkpoints.save(10, weights('late'), {});
    const young = await attempt(store);
    expect(await codeOf(late.checkpoints.save(99, weights('late'), {}))).toBe('LCOMS_E_SUPERSEDED');
    await young.checkpoints.save(20, weights('young'), {});
    expect((await young.checkpoints.latest())?.step).toBe(20);
  });

  it('that was asleep between its look and its write hides, replaces and prunes nothing of the younger one', async () => {
    const store = new MemoryStore();
    const late = await attempt(store);
    const sleeping = deferred();
    const awake = deferred();
    const put = store.put.bind(store);
    // Past both looks at its claim: only the manifest itself is still to be written.
    store.put = async (key, bytes) => {
      if (key.startsWith('checkpoints/') && key.includes('000000000099')) {
        sleeping.resolve();
        await awake.promise;
      }
      return put(key, bytes);
    };
    const writing = late.checkpoints.save(99, weights('late'), {});
    await sleeping.promise;
    const young = await attempt(store);
    for (const step of [20, 30]) await young.checkpoints.save(step, weights(`young ${step}`), {});
    awake.resolve();
    await writing;
    await late.checkpoints.prune();
    expect((await young.checkpoints.latest())?.blobs.get('weights.bin')).toEqual(text('young 30'));
    expect(await young.checkpoints.names()).toHaveLength(2);
  });

  it('finds its claim gone when the node has been committed', async () => {
    const store = new MemoryStore();
    const late = await attempt(store);
    const young = await attempt(store);
    await young.checkpoints.clear();
    expect(await codeOf(late.checkpoints.save(1, weights('late'), {}))).toBe('LCOMS_E_SUPERSEDED');
    expect(await late.checkpoints.latest()).toBeNull();
  });

  it('of another run is no reason to stop', async () => {
    const store = new MemoryStore();
    const one = await attempt(store, 'one');
    const two = await attempt(store, 'two');
    await one.checkpoints.save(1, weights('x'), {});
    await two.checkpoints.save(2, weights('y'), {});
    expect(await one.checkpoints.names()).toHaveLength(2);
  });

  it('never shares its number, however many begin at once', async () => {
    const store = new MemoryStore();
    const claims = await Promise.all(Array.from({ length: 20 }, () => Claim.take(store, NODE, 'run')));
    expect(new Set(claims.map(({ number }) => number)).size).toBe(20);
  });

  it('leaves checkpoints of before there were claims to be found', async () => {
    const store = new MemoryStore();
    await new CheckpointStore(store, NODE).save(7, weights('old'), {});
    const { checkpoints } = await attempt(store);
    expect((await checkpoints.latest())?.step).toBe(7);
    await checkpoints.save(3, weights('new'), {});
    expect((await checkpoints.latest())?.step).toBe(3);
  });
});

describe('the pace of checkpoints', () => {
  it('is by steps or seconds, whichever comes first, and leaves at most 3 % to them', () => {
    fc.assert(
      fc.property(
        fc.record({ seconds: fc.integer({ min: 1, max: 60 }), steps: fc.integer({ min: 1, max: 500 }) }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 0, max: 4_000 }),
        ({ seconds, steps }, batches, cost) => {
          let now = 0;
          const pace = new CheckpointPace({ seconds, steps: steps * 1_000 }, () => now);
          const counted = new CheckpointPace({ seconds: 1e9, steps }, () => now);
          let [written, work] = [0, 0];
          let [since, last] = [0, 0];
          batches.forEach((ms, i) => {
            now += ms;
            work += ms;
            since += ms;
            const due = pace.due(i + 1, 20);
            expect(due).toBe(since >= Math.max(1000 * seconds, written > 0 ? 33 * cost : 0));
            if (due) {
              now += cost;
              written += 1;
              since = 0;
              pace.saved(i + 1, cost);
            }
            expect(counted.due(i + 1, 20)).toBe(i + 1 - last >= steps);
            if (counted.due(i + 1, 20)) {
              last = i + 1;
              counted.saved(last, 0);
            }
          });
          // But for the first, whose price nobody knew, and the one that is yet to be paid back.
          expect(Math.max(0, written - 1) * cost).toBeLessThanOrEqual(work / 33 + cost);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('comes from the environment; what is no number is refused with its name', async () => {
    expect(paceSettings({})).toEqual({ keep: 2 });
    const env = { LCOMS_CHECKPOINT_SECONDS: '5', LCOMS_CHECKPOINT_STEPS: '100', LCOMS_CHECKPOINT_KEEP: '3' };
    expect(paceSettings(env)).toEqual({ seconds: 5, steps: 100, keep: 3 });
    expect(() => paceSettings({ LCOMS_CHECKPOINT_STEPS: '0.5' })).toThrow(/LCOMS_CHECKPOINT_STEPS is "0.5"/);
  });
});
