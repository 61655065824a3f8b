import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { NodeResult, NodeTask, Progress } from '../schemas/node.js';
import { JobFailed } from './compute/child.js';
import type { ComputePool } from './compute/pool.js';
import type { RemoteError } from './compute/protocol.js';
import { toRemoteError } from './compute/remote-error.js';
import type { RunLog } from './compute/run-log.js';
import { SilenceWatch } from './silence-watch.js';

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
 * Progress, or null when the process has only started). No timer beats for it: silence is what tells a hung
 * process, unless it is starved (SilenceWatch).
 *
 * Failures: type = code of the catalogue, details [ErrorRecord, attempt], non-retryable where the catalogue says so.
 * A process that dies or is silent for the heartbeat timeout is LCOMS_E_COMPUTE_DIED, which is retried. Cancelling
 * ends the process within a second; cancelling while `toPause` says so of the run gives it time to write a checkpoint.
 */
export function nodeActivity(
  pool: ComputePool,
  runLog: RunLog,
  toPause: (runId: string) => Promise<boolean> = async () => false,
): NodeActivities['runNode'] {
  return async function runNode(task: NodeTask): Promise<NodeResult> {
    const context = Context.current();
    const { attempt, heartbeatTimeoutMs } = context.info;
    let newest: Progress | null = null;
    const silence = new SilenceWatch(task.nodeId, heartbeatTimeoutMs, () => context.heartbeat(newest));
    const ending = new Ending(context.cancellationSignal, () => toPause(task.runId));
    const signal = AbortSignal.any([ending.signal, silence.signal]);
    runLog.append(task.runId, task.nodeId, attempt, 'begins');
    try {
      return await pool.run(task, attempt, signal, {
        pause: ending.pause,
        onProcess: (pid) => silence.watch(pid),
        onAlive: (progress: Progress | null) => {
          silence.reset();
          newest = progress;
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
      ending.stop();
    }
  };
}

/** Milliseconds that the store gets to say whether a cancelled node is to pause: a cancel ends it within a second. */
const MARK_PATIENCE = 300;
/** Milliseconds that a node gets to reach its next checkpoint. */
const PAUSE_PATIENCE = 60_000;

/** Makes of a cancellation what it means: a pause, or (also when the mark goes, or patience does) an end at once. */
class Ending {
  readonly #end = new AbortController();
  readonly #pause = new AbortController();
  #stopped = false;

  constructor(
    private readonly cancellation: AbortSignal,
    private readonly toPause: () => Promise<boolean>,
  ) {
    if (cancellation.aborted) void this.#begin();
    else cancellation.addEventListener('abort', this.#begin, { once: true });
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get pause(): AbortSignal {
    return this.#pause.signal;
  }

  stop(): void {
    this.#stopped = true;
    this.cancellation.removeEventListener('abort', this.#begin);
  }

  readonly #begin = async (): Promise<void> => {
    const deadline = performance.now() + PAUSE_PATIENCE;
    while (!this.#stopped && performance.now() < deadline && !isShutdown(this.cancellation.reason)) {
      const marked = await Promise.race([this.toPause(), sleep(MARK_PATIENCE, false)]).catch(() => false);
      if (!marked && !this.#pause.signal.aborted) break;
      // Once begun, a store that is slow for a moment is no reason to lose the work.
      if (!marked && !(await this.toPause().catch(() => true))) break;
      this.#pause.abort();
      await sleep(MARK_PATIENCE);
    }
    if (!this.#stopped) this.#end.abort(this.cancellation.reason);
  };
}

function isShutdown(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

/** A worker that stops says so in its own words, because the server would take a cancellation for the user's wish. */
function cancellation(reason: unknown): Error {
  if (isShutdown(reason)) {
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
