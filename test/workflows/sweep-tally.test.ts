import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EndedTrial } from '../../activities/sweep/advance.js';
import type { SweepLimits, SweepProgress } from '../../workflows/sweep-contract.js';
import { reasonToStop, startingProgress, tally } from '../../workflows/sweep-tally.js';

const NONE: SweepLimits = {
  concurrency: 2,
  trials: 100,
  cpuSeconds: null,
  target: null,
  goal: 'minimize',
  failures: null,
  failFast: false,
};
const fresh = (): SweepProgress => startingProgress('2026-01-01T00:00:00.000Z');

const trials = fc
  .array(
    fc.record({
      state: fc.constantFrom<EndedTrial['state']>('succeeded', 'failed', 'paused'),
      value: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      cpuSeconds: fc.double({ min: 0, max: 1e4, noNaN: true }),
      cached: fc.boolean(),
    }),
    { maxLength: 20 },
  )
  .map((all) =>
    all.map(
      (trial, index): EndedTrial => ({
        ...trial,
        // No -0, which equals 0 and is told from it.
        value: trial.value === null ? null : trial.value + 0,
        index,
        error: trial.state === 'failed' ? { code: 'LCOMS_E_INTERNAL', message: `${index}` } : null,
      }),
    ),
  );

test('counts are those of all trials, the best is the best of all, whatever pieces they come in', () => {
  fc.assert(
    fc.property(trials, fc.nat(20), fc.constantFrom('minimize' as const, 'maximize' as const), (all, cut, goal) => {
      const [once, twice] = [fresh(), fresh()];
      tally(once, all, goal);
      tally(twice, all.slice(0, cut), goal);
      tally(twice, all.slice(cut), goal);
      expect(twice).toEqual(once);
      expect(Object.values(once.counts).reduce((a, b) => a + b, 0)).toBe(all.length);
      const values = all.flatMap(({ value }) => value ?? []);
      const best = goal === 'minimize' ? Math.min(...values) : Math.max(...values);
      // Of equal ones the first.
      expect(once.best).toEqual(
        values.length === 0 ? null : { index: all.findIndex(({ value }) => value === best), value: best },
      );
      expect(once.error?.message ?? null).toBe(all.find(({ state }) => state === 'failed')?.error?.message ?? null);
    }),
  );
});

test.each<[Partial<SweepLimits>, Partial<SweepProgress>, string | null]>([
  [{}, { counts: { failed: 9 }, cpuSeconds: 1e6, best: { index: 3, value: -9 } }, null],
  [{ failures: 1 }, { counts: { failed: 1 } }, '1 trial failed'],
  [{ failures: 2 }, { counts: { failed: 3 } }, '3 trials failed'],
  [{ failures: 2 }, { counts: { failed: 1 } }, null],
  [{ cpuSeconds: 3600 }, { cpuSeconds: 5400 }, '1.50 CPU hours are spent'],
  [{ target: -1 }, { best: { index: 3, value: -1 } }, 'trial 3 reached the target'],
  [{ target: -1 }, { best: { index: 3, value: -0.9 } }, null],
  [{ target: 1, goal: 'maximize' }, { best: { index: 4, value: 1.1 } }, 'trial 4 reached the target'],
])('limits %j at %j: %s', (limits, progress, reason) => {
  expect(reasonToStop({ ...NONE, ...limits }, { ...fresh(), ...progress })).toBe(reason);
});
