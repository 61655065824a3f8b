import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import type { RunReport } from '../../activities/record-status.js';
import { withCredentials } from '../../lib/temporal/address.js';
import { callServer, openConnection } from '../../lib/temporal/connection.js';
import { LcomsError } from '../../schemas/errors.js';
import type { WorkflowNode } from '../../schemas/node.js';
import type { ErrorRecord, RunState } from '../../schemas/run.js';
import {
  type ExperimentInput,
  type ExperimentResult,
  type ExperimentTimeouts,
  PAUSE_SIGNAL,
  STATUS_QUERY,
} from '../../workflows/contract.js';
import {
  SWEEP_QUERY,
  type SweepInput,
  type SweepLimits,
  type SweepProgress,
  type SweepResult,
} from '../../workflows/sweep-contract.js';
import { type LiveNode, liveNodes } from './live-nodes.js';
import { giveBackActivities, identityOf } from './lost-worker.js';

/** What a run came to. */
export type RunOutcome = Omit<ExperimentResult, 'state'> & {
  state: 'succeeded' | 'pruned' | 'failed' | 'paused' | 'cancelled';
};

/** What a sweep came to. */
export type SweepOutcome = Omit<SweepResult, 'state'> & { state: 'succeeded' | 'failed' | 'paused' | 'cancelled' };

export interface WaitOptions {
  signal?: AbortSignal;
  whileAway?: () => Promise<void>;
}

/** A run as the server lists it. */
export interface ListedRun {
  runId: string;
  state: RunState;
  startedAt: Date;
  closedAt: Date | null;
}

export interface RunClientOptions {
  /** host:port */
  address: string;
  namespace: string;
  /** See taskQueuePrefix. */
  prefix: string;
  /** TLS and key as of temporalAddress. Default process.env. */
  env?: NodeJS.ProcessEnv;
}

export interface StartOptions {
  timeouts?: ExperimentTimeouts;
  /** Start a run anew that has ended (to resume a failed or cancelled one). Default false: an ended run stays ended. */
  again?: boolean;
}

/** Starts runs and asks after them. Every call but `result` throws LCOMS_E_TEMPORAL when the server is away. */
export class RunClient {
  private constructor(
    private readonly client: Client,
    private readonly prefix: string,
    private readonly address: string,
  ) {}

  static async connect({ address, namespace, prefix, env = process.env }: RunClientOptions): Promise<RunClient> {
    const connection = openConnection(withCredentials(address, namespace, env));
    const run = new RunClient(new Client({ connection, namespace }), prefix, address);
    await run.#call(() => connection.ensureConnected());
    return run;
  }

  /** Starts a run, or finds it when it was started before. The run goes on without this client. */
  async start(runId: string, nodes: WorkflowNode[], { timeouts, again = false }: StartOptions = {}): Promise<void> {
    const input: ExperimentInput = { runId, prefix: this.prefix, nodes, ...(timeouts ? { timeouts } : {}) };
    await this.#call(async () => {
      try {
        await this.client.workflow.start('experiment', {
          workflowId: workflowId(runId),
          taskQueue: orchestrationQueue(this.prefix),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    });
  }

  /**
   * Waits for the end of a run, also while the server is away: then `whileAway` is called about every half second (for
   * an embedded server: TemporalConnection.ensure). Throws LCOMS_E_NOT_FOUND, or `signal.reason` after an abort.
   */
  async result(runId: string, { signal, whileAway }: WaitOptions = {}): Promise<RunOutcome> {
    try {
      const options = { ...(signal ? { signal } : {}), ...(whileAway ? { whileAway } : {}) };
      return await this.#resultOf<ExperimentResult>(this.#handle(runId), options);
    } catch (error) {
      if (error instanceof WorkflowFailedError) return endOf(runId, error);
      throw error instanceof WorkflowNotFoundError ? notFound(runId) : error;
    }
  }

  /** Starts a sweep, or joins it when it is under way. */
  async startSweep(sweepId: string, limits: SweepLimits, options: Partial<SweepInput> = {}): Promise<void> {
    const input: SweepInput = { ...options, sweepId, prefix: this.prefix, limits };
    await this.#call(() =>
      this.client.workflow.start('sweep', {
        workflowId: sweepWorkflowId(sweepId),
        taskQueue: orchestrationQueue(this.prefix),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      }),
    );
  }

  /** Waits for the end of a sweep as `result` does for that of a run. */
  async sweepResult(sweepId: string, options: WaitOptions = {}): Promise<SweepOutcome> {
    try {
      return await this.#resultOf<SweepResult>(this.#sweepHandle(sweepId), options);
    } catch (error) {
      if (error instanceof WorkflowFailedError) {
        const { state, error: record } = endOf(sweepId, error);
        return { sweepId, state: state === 'cancelled' ? state : 'failed', counts: {}, stopped: null, error: record };
      }
      throw error instanceof WorkflowNotFoundError ? notFound(sweepId) : error;
    }
  }

  /** How a sweep stands, from a worker; null when none answers in three seconds or there is no such sweep. */
  async sweepProgress(sweepId: string): Promise<SweepProgress | null> {
    return await this.client
      .withDeadline(Date.now() + 3_000, () => this.#sweepHandle(sweepId).query<SweepProgress>(SWEEP_QUERY))
      .catch(() => null);
  }

  async cancelSweep(sweepId: string): Promise<void> {
    await this.#call(() => this.#sweepHandle(sweepId).cancel(), sweepId);
  }

  /** Asks a sweep to pause: no more trials begin, those under way write a checkpoint and end. */
  async pauseSweep(sweepId: string): Promise<void> {
    await this.#call(() => this.#sweepHandle(sweepId).signal(PAUSE_SIGNAL), sweepId);
  }

  /** State of a sweep by the server, as `state` of a run. */
  async sweepState(sweepId: string): Promise<RunState | null> {
    return await this.#stateOf(this.#sweepHandle(sweepId), sweepId);
  }

  async terminateSweep(sweepId: string, reason: string): Promise<void> {
    await this.#call(() => this.#sweepHandle(sweepId).terminate(reason), sweepId);
  }

  /** Sweeps of this store that are under way. */
  async openSweeps(): Promise<string[]> {
    const of = `WorkflowType = 'sweep' AND TaskQueue = '${orchestrationQueue(this.prefix)}'`;
    return await this.#call(async () => {
      const ids: string[] = [];
      for await (const { workflowId } of this.client.workflow.list({ query: `${of} AND ExecutionStatus = 'Running'` }))
        ids.push(workflowId.slice(SWEEP_ID_PREFIX.length));
      return ids;
    });
  }

  async #resultOf<T>(handle: WorkflowHandle, { signal, whileAway }: WaitOptions): Promise<T> {
    for (;;) {
      signal?.throwIfAborted();
      try {
        return (await this.#abortable(signal, () => handle.result())) as T;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isGrpcServiceError(error) && !isGrpcServiceError((error as Error).cause)) throw error;
        await whileAway?.();
        await sleep(500, undefined, signal ? { signal } : {});
      }
    }
  }

  /** How the run stands, from a worker; null when none answers in `timeout` milliseconds (default 3,000). */
  async status(runId: string, timeout = 3_000): Promise<RunReport | null> {
    try {
      return await this.client.withDeadline(Date.now() + timeout, () =>
        this.#handle(runId).query<RunReport>(STATUS_QUERY),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw notFound(runId);
      return null;
    }
  }

  /** The nodes that are placed and not yet done, with progress, attempt and newest error. No worker is needed. */
  async liveNodes(runId: string): Promise<LiveNode[]> {
    const { raw } = await this.#call(() => this.#handle(runId).describe(), runId);
    return liveNodes(raw.pendingActivities ?? []);
  }

  /**
   * Whether a worker polls for the workflows of this store. A poll lasts a minute, so one that was killed is missed only
   * after that.
   */
  async hasWorkers(now = Date.now()): Promise<boolean> {
    const { namespace } = this.client.options;
    const { pollers } = await this.#call(() =>
      this.client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: orchestrationQueue(this.prefix) },
        taskQueueType: WORKFLOW_TASK_QUEUE,
      }),
    );
    return (pollers ?? []).some(({ lastAccessTime }) => now - 1000 * Number(lastAccessTime?.seconds ?? 0) < POLL);
  }

  /**
   * Has what a worker of this machine had under way for this store tried again at once. Only for one that is known to
   * have ended. Returns how many attempts that were.
   */
  async workerDied(pid: number): Promise<number> {
    const of = `TaskQueue = '${orchestrationQueue(this.prefix)}'`;
    return await this.#call(() => giveBackActivities(this.client, of, identityOf(pid)));
  }

  /** State of the run by the server; null when it knows nothing of it (state file deleted, or retention over). */
  async state(runId: string): Promise<RunState | null> {
    return await this.#stateOf(this.#handle(runId), runId);
  }

  async #stateOf(handle: WorkflowHandle, id: string): Promise<RunState | null> {
    try {
      const { status } = await this.#call(() => handle.describe(), id);
      return stateOf(status.name);
    } catch (error) {
      if (error instanceof LcomsError && error.code === 'LCOMS_E_NOT_FOUND') return null;
      throw error;
    }
  }

  /** Asks the run to end: nodes under way are ended within a second, the status says `cancelled`. */
  async cancel(runId: string): Promise<void> {
    await this.#call(() => this.#handle(runId).cancel(), runId);
  }

  /** Asks the run to pause (mark it first: markPause); nodes under way end after a checkpoint, the run as `paused`. */
  async pause(runId: string): Promise<void> {
    await this.#call(() => this.#handle(runId).signal(PAUSE_SIGNAL), runId);
  }

  /** Ends the run at once, without a last record of its status. */
  async terminate(runId: string, reason: string): Promise<void> {
    await this.#call(() => this.#handle(runId).terminate(reason), runId);
  }

  /** Runs of this store, newest first. A run that ended with a failed node is `succeeded` here; its record says more. */
  async list(limit = 1_000): Promise<ListedRun[]> {
    const query = `WorkflowType = 'experiment' AND TaskQueue = '${orchestrationQueue(this.prefix)}'`;
    return this.#call(async () => {
      const runs: ListedRun[] = [];
      for await (const info of this.client.workflow.list({ query })) {
        if (runs.length === limit) break;
        runs.push({
          runId: info.workflowId.slice(WORKFLOW_ID_PREFIX.length),
          state: stateOf(info.status.name),
          startedAt: info.startTime,
          closedAt: info.closeTime ?? null,
        });
      }
      return runs;
    });
  }

  async close(): Promise<void> {
    await this.client.connection.close();
  }

  #handle(runId: string): WorkflowHandle {
    return this.client.workflow.getHandle(workflowId(runId));
  }

  #sweepHandle(sweepId: string): WorkflowHandle {
    return this.client.workflow.getHandle(sweepWorkflowId(sweepId));
  }

  #abortable<T>(signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
    return signal === undefined ? call() : this.client.withAbortSignal(signal, call);
  }

  async #call<T>(call: () => Promise<T>, runId = ''): Promise<T> {
    try {
      return await callServer(this.address, call, [WorkflowNotFoundError]);
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? notFound(runId) : error;
    }
  }
}

/** enum TaskQueueType: WORKFLOW. */
const WORKFLOW_TASK_QUEUE = 1;
/** Longest silence of a worker that polls, ms. */
const POLL = 70_000;

const WORKFLOW_ID_PREFIX = 'lcoms-run-';

const SWEEP_ID_PREFIX = 'lcoms-sweep-';

/** Temporal's id of a sweep. */
export function sweepWorkflowId(sweepId: string): string {
  return `${SWEEP_ID_PREFIX}${sweepId}`;
}

/** Temporal's id of a run. */
export function workflowId(runId: string): string {
  return `${WORKFLOW_ID_PREFIX}${runId}`;
}

/** Task queue of the workflows and their status records. */
export function orchestrationQueue(prefix: string): string {
  return `${prefix}-orchestration`;
}

function notFound(runId: string): LcomsError {
  return new LcomsError('LCOMS_E_NOT_FOUND', `the Temporal server has no run ${runId}`);
}

function endOf(runId: string, { cause, message }: WorkflowFailedError): RunOutcome {
  if (cause instanceof CancelledFailure || cause instanceof TerminatedFailure) {
    return { runId, state: 'cancelled', nodes: {}, error: null };
  }
  const record = (cause as { details?: unknown[] } | undefined)?.details?.[0] as ErrorRecord | undefined;
  return {
    runId,
    state: 'failed',
    nodes: {},
    error: record ?? { code: 'LCOMS_E_INTERNAL', message: cause?.message ?? message },
  };
}

function stateOf(status: string): RunState {
  if (status === 'RUNNING' || status === 'CONTINUED_AS_NEW') return 'running';
  if (status === 'COMPLETED') return 'succeeded';
  return status === 'CANCELLED' || status === 'TERMINATED' ? 'cancelled' : 'failed';
}
