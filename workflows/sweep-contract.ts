import type { ErrorRecord, RunState } from '../schemas/run.js';
import type { ExperimentTimeouts } from './contract.js';

/** When a sweep begins no more trials. */
export interface SweepLimits {
  /** Trials under way at a time. */
  concurrency: number;
  /** Trials in all: those that the sweep has, or fewer by its budget. */
  trials: number;
  /** Null: no limit. */
  cpuSeconds: number | null;
  target: number | null;
  /** Of the objective. */
  goal: 'minimize' | 'maximize';
  /** Failed trials after which no more begin; null: any number. */
  failures: number | null;
  /** A failed trial cancels those under way. */
  failFast: boolean;
}

/** How far a sweep is, handed on when its workflow continues as new. */
export interface SweepProgress {
  /** ISO 8601; of the first execution. */
  startedAt: string;
  /** Index of the first trial that was not looked at. */
  next: number;
  /** No trials are left to begin. */
  exhausted: boolean;
  /** Trials whose workflows were begun, by this execution or one before, and not known to have ended. */
  running: number[];
  /** Trials that ended and are not recorded yet. */
  ended: number[];
  /** Recorded trials by state. */
  counts: Partial<Record<RunState, number>>;
  /** Those among them that nothing had to be made for. */
  cached: number;
  cpuSeconds: number;
  best: { index: number; value: number } | null;
  /** Why no more trials begin. */
  stopped: string | null;
  /** The first trial that failed. */
  error: ErrorRecord | null;
  /** It was asked to pause. */
  pausing?: boolean;
}

/** Argument of the `sweep` workflow. */
export interface SweepInput {
  sweepId: string;
  /** Task queues are `<prefix>-<queue>`. */
  prefix: string;
  limits: SweepLimits;
  /** Of the trials. */
  timeouts?: ExperimentTimeouts;
  /** Events of the history at which it continues as new; default: when the server suggests it. */
  maximumEvents?: number;
  progress?: SweepProgress;
}

/** Result of the `sweep` workflow; one that was cancelled has none. */
export interface SweepResult {
  sweepId: string;
  state: 'succeeded' | 'failed' | 'paused';
  counts: SweepProgress['counts'];
  stopped: string | null;
  error: ErrorRecord | null;
}

/** Query of the workflow; answers with a SweepProgress. */
export const SWEEP_QUERY = 'progress';

/** Run id of a trial: given by the hash of the sweep and the place of its point and seed. */
export function trialId(sweepId: string, index: number): string {
  return `${sweepId}-${String(index).padStart(5, '0')}`;
}

/** The sweep and the index that an id of a trial names; null for any other id. */
export function trialOfId(runId: string): { sweepId: string; index: number } | null {
  const match = /^(.+-[0-9a-f]{8})-(\d{5})$/.exec(runId);
  return match ? { sweepId: match[1] as string, index: Number(match[2]) } : null;
}
