import type { EndedTrial } from '../activities/sweep/advance.js';
import type { SweepLimits, SweepProgress } from './sweep-contract.js';

/** Of a sweep that has looked at no trial. `startedAt` in ISO 8601. */
export function startingProgress(startedAt: string): SweepProgress {
  return {
    startedAt,
    next: 0,
    exhausted: false,
    running: [],
    ended: [],
    counts: {},
    cached: 0,
    cpuSeconds: 0,
    best: null,
    stopped: null,
    error: null,
  };
}

/** Counts trials that ended: states, costs, the best one, the first failure. */
export function tally(progress: SweepProgress, ended: readonly EndedTrial[], goal: SweepLimits['goal']): void {
  for (const { index, state, value, cpuSeconds, cached, error } of ended) {
    progress.counts[state] = (progress.counts[state] ?? 0) + 1;
    progress.cpuSeconds += cpuSeconds;
    if (cached) progress.cached += 1;
    if (state === 'failed') progress.error ??= error;
    if (value !== null && (progress.best === null || isBetter(value, progress.best.value, goal)))
      progress.best = { index, value };
  }
}

/** Why no more trials should begin, in words; null when nothing speaks against it. */
export function reasonToStop(limits: SweepLimits, { best, cpuSeconds, counts }: SweepProgress): string | null {
  const { failed = 0 } = counts;
  if (limits.failures !== null && failed >= limits.failures)
    return `${failed} ${failed === 1 ? 'trial' : 'trials'} failed`;
  if (limits.cpuSeconds !== null && cpuSeconds >= limits.cpuSeconds)
    return `${(cpuSeconds / 3600).toFixed(2)} CPU hours are spent`;
  if (limits.target !== null && best && !isBetter(limits.target, best.value, limits.goal))
    return `trial ${best.index} reached the target`;
  return null;
}

function isBetter(a: number, b: number, goal: SweepLimits['goal']): boolean {
  return goal === 'maximize' ? a > b : a < b;
}
