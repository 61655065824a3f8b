import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SilenceWatch } from '../../../activities/silence-watch.js';
import { CheckpointPace } from '../../../lib/artifacts/checkpoint-pace.js';
import { CheckpointStore } from '../../../lib/artifacts/checkpoints.js';
import { Claim } from '../../../lib/artifacts/claims.js';
import { takeLease } from '../../../lib/artifacts/lease.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { codeOf } from './conformance.js';
import { text } from './samples.js';

const HOUR = 3_600_000;
const KEY = 'b'.repeat(64);
const QUICK = { renew: 40, stale: 400, poll: 20 };

/** A clock that was set back by an hour, and forth by two, at every second look. */
function jumping(): () => number {
  let looks = 0;
  return () => 1e12 + (looks++ % 2 === 0 ? -HOUR : 2 * HOUR);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('when the clock is set', () => {
  test.each([-HOUR, HOUR])('by %i ms, checkpoints keep their pace', (jump) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const pace = new CheckpointPace({});
    expect(pace.due(1, 20)).toBe(false);
    vi.setSystemTime(Date.now() + jump);
    vi.advanceTimersByTime(19_999);
    expect(pace.due(2, 20)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(pace.due(3, 20)).toBe(true);
  });

  test.each([-HOUR, HOUR])('by %i ms, silence is as long as it is', (jump) => {
    vi.useFakeTimers();
    const watch = new SilenceWatch('node', 30_000, () => undefined);
    vi.setSystemTime(Date.now() + jump);
    vi.advanceTimersByTime(29_000);
    expect(watch.signal.aborted).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect(watch.signal.aborted).toBe(true);
    watch.stop();
  });

  test('a holder that gives signs of life keeps its lease, and one that is silent loses it', async () => {
    const store = new MemoryStore(jumping());
    const holder = await takeLease(
      store,
      KEY,
      async () => null,
      () => undefined,
      QUICK,
    );
    if (!('lease' in holder)) throw new Error('nobody else was there');
    let result: string | null = null;
    const waiting = takeLease(
      store,
      KEY,
      async () => result,
      () => undefined,
      QUICK,
    );
    await sleep(3 * QUICK.stale);
    result = 'made';
    expect(await waiting).toEqual({ result: 'made' });
    await holder.lease.release();
    // Of another machine, an hour ahead of ours.
    await store.put(`leases/${KEY}.0`, Buffer.from(JSON.stringify({ machine: 'elsewhere', pid: 1 })));
    const turn = await takeLease(
      store,
      KEY,
      async () => null,
      () => undefined,
      QUICK,
    );
    expect('lease' in turn).toBe(true);
    if ('lease' in turn) await turn.lease.release();
  });

  test('the younger attempt and its checkpoints stay the younger ones', async () => {
    let now = 1e12;
    const store = new MemoryStore(() => now);
    const attempt = async () => new CheckpointStore(store, KEY, { claim: await Claim.take(store, KEY, 'run') });
    const late = await attempt();
    await late.save(50, [{ name: 'w', bytes: text('late') }], {});
    now -= HOUR;
    const young = await attempt();
    await young.save(20, [{ name: 'w', bytes: text('young') }], {});
    expect((await young.latest())?.step).toBe(20);
    expect(await codeOf(late.save(60, [{ name: 'w', bytes: text('late') }], {}))).toBe('LCOMS_E_SUPERSEDED');
  });
});
