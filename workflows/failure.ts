import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { WorkerStopped } from '../activities/node-activity.js';
import type { ErrorRecord } from '../schemas/run.js';

const WORKER_STOPPED: WorkerStopped = 'WORKER_STOPPED';

/** What is kept of the error of a node. */
export interface NodeFailure {
  error: ErrorRecord;
  /** Attempts made, as far as is known. */
  attempt: number;
}

/** Long messages (a whole table of bad rows) would swell the history; the run's log has them whole. */
const MAXIMUM_MESSAGE = 1500;

/** Whether the attempt ended only because its worker was stopped. */
export function isWorkerStop(error: unknown): boolean {
  return (
    error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === WORKER_STOPPED
  );
}

/**
 * The error to show for a node that failed for good: the one that the activity gave (details: ErrorRecord, attempt),
 * or LCOMS_E_COMPUTE_DIED when the last attempt fell silent.
 */
export function nodeFailure(error: unknown, attempts: number): NodeFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const record = cause.details?.[0] as ErrorRecord | undefined;
    const attempt = cause.details?.[1] as number | undefined;
    return {
      error: shorten(record ?? { code: 'LCOMS_E_INTERNAL', message: cause.message }),
      attempt: attempt ?? 1,
    };
  }
  if (cause instanceof TimeoutFailure) {
    const message =
      cause.timeoutType === 'HEARTBEAT'
        ? `no sign of life from the node: its worker or compute process died or hung, ${attempts} times in a row`
        : `the node ran out of its time (${cause.timeoutType ?? 'unknown timeout'}), ${attempts} attempts`;
    return { error: { code: 'LCOMS_E_COMPUTE_DIED', message }, attempt: attempts };
  }
  return { error: shorten({ code: 'LCOMS_E_INTERNAL', message: String(cause) }), attempt: 1 };
}

function shorten(error: ErrorRecord): ErrorRecord {
  if (error.message.length <= MAXIMUM_MESSAGE) return error;
  return { ...error, message: `${error.message.slice(0, MAXIMUM_MESSAGE)}... (${error.message.length} characters)` };
}
