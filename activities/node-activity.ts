import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { LcomsError } from '../schemas/errors.js';
import type { NodeResult, NodeTask, Progress } from '../schemas/node.js';
import { JobFailed } from './compute/child.js';
import type { ComputePool } from './compute/pool.js';
import type { RemoteError } from './compute/protocol.js';
import { toRemoteError } from './compute/remote-error.js';
import type { RunLog } from './compute/run-log.js';

/** Activities on the queues io, cpu and score. */
export interface NodeActivities {
  runNode(task: NodeTask): Promise<NodeResult>;
}

/**
 * Type of the failure of an attempt whose worker was stopped by its user. It says nothing of the node, so the workflow
 * places such a node anew however often it happens.
 */
export type WorkerStopped = 'WORKER_STOPPED';
const WORKER_STOPPED: WorkerStopped = 'WORKER_STOPPED';

/** An error that no code foresees is a defect as a rule: so many attempts tell it from a hiccup. */
const DEFECT_ATTEMPTS = 3;

/**
 * The activity `runNode`: runs a node in a compute process of `pool` and passes its progress on as heartbeats (details:
 * Progress, or null when the process has only started). No timer beats for it: silence is what tells a hung process.
 *
 * Failures: type = code of the catalogue, details [ErrorRecord, attempt], non-retryable where the catalogue says so.
 * A process that dies or is silent for the heartbeat timeout is LCOMS_E_COMPUTE_DIED, which is retried. Cancelling
 * ends the process within a second.
 */
export function nodeActivity(pool: ComputePool, runLog: RunLog): NodeActivities['runNode'] {
  return async function runNode(task: NodeTask): Promise<NodeResult> {
    const context = Context.current();
    const { attempt, heartbeatTimeoutMs } = context.info;
    const silence = new SilenceWatch(task.nodeId, heartbeatTimeoutMs);
    const signal = AbortSignal.any([context.cancellationSignal, silence.signal]);
    try {
      return await pool.run(task, attempt, signal, {
        onAlive: (progress: Progress | null) => {
          silence.reset();
          context.heartbeat(progress);
        },
        onOutput: (text) => runLog.append(task.runId, task.nodeId, attempt, text),
      });
    } catch (error) {
      if (context.cancellationSignal.aborted) throw cancellation(context.cancellationSignal.reason);
      const failure = toFailure(error, attempt);
      runLog.append(task.runId, task.nodeId, attempt, `attempt ${attempt} failed: ${failure.type} ${failure.message}`);
      throw failure;
    } finally {
      silence.stop();
    }
  };
}

/** A worker that stops says so in its own words, because the server would take a cancellation for the user's wish. */
function cancellation(reason: unknown): Error {
  if (reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN') {
    return ApplicationFailure.create({
      message: 'the worker was stopped',
      type: WORKER_STOPPED,
      nextRetryDelay: '200ms',
    });
  }
  return reason instanceof Error ? reason : new CancelledFailure(String(reason));
}

function toFailure(error: unknown, attempt: number): ApplicationFailure {
  const { record, retryable }: RemoteError = error instanceof JobFailed ? error.remote : toRemoteError(error);
  const defect = record.code === 'LCOMS_E_INTERNAL' && attempt >= DEFECT_ATTEMPTS;
  return ApplicationFailure.create({
    message: record.message,
    type: record.code,
    details: [record, attempt],
    nonRetryable: !retryable || defect,
  });
}

/** Aborts with LCOMS_E_COMPUTE_DIED when nothing was heard for `timeout` milliseconds (never when undefined or 0). */
class SilenceWatch {
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly nodeId: string,
    private readonly timeout: number | undefined,
  ) {
    this.reset();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    if (!this.timeout) return;
    const seconds = this.timeout / 1000;
    const error = new LcomsError(
      'LCOMS_E_COMPUTE_DIED',
      `the compute process of node ${this.nodeId} gave no sign of life for ${seconds} s and was ended`,
    );
    this.#timer = setTimeout(() => this.#abort.abort(error), this.timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
