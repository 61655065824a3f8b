import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  isGrpcServiceError,
  type WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { callServer } from '../../lib/temporal/connection.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ErrorRecord, RunState } from '../../schemas/run.js';
import { type ExperimentResult, PAUSE_SIGNAL } from '../../workflows/contract.js';

/** What a run came to. */
export type RunOutcome = Omit<ExperimentResult, 'state'> & {
  state: 'succeeded' | 'pruned' | 'failed' | 'paused' | 'cancelled';
};

export interface WaitOptions {
  signal?: AbortSignal;
  whileAway?: () => Promise<void>;
}

/** What can be asked of workflows of any kind, by the id of the run or sweep. */
export abstract class WorkflowClient {
  constructor(
    protected readonly client: Client,
    protected readonly prefix: string,
    protected readonly address: string,
  ) {}

  /** Temporal's id. */
  protected abstract workflowId(id: string): string;

  /** State by the server; null when it knows nothing of it (state file deleted, or retention over). */
  async state(id: string): Promise<RunState | null> {
    try {
      const { status } = await this.call(() => this.handle(id).describe(), id);
      return stateOf(status.name);
    } catch (error) {
      if (error instanceof LcomsError && error.code === 'LCOMS_E_NOT_FOUND') return null;
      throw error;
    }
  }

  /** Asks it to end: nodes under way are ended within a second, the status says `cancelled`. */
  async cancel(id: string): Promise<void> {
    await this.call(() => this.handle(id).cancel(), id);
  }

  /** Asks it to pause: nothing more begins; nodes under way end after a checkpoint (of a run: mark it first, markPause). */
  async pause(id: string): Promise<void> {
    await this.call(() => this.handle(id).signal(PAUSE_SIGNAL), id);
  }

  /** Ends it at once, without a last record of its status. */
  async terminate(id: string, reason: string): Promise<void> {
    await this.call(() => this.handle(id).terminate(reason), id);
  }

  protected handle(id: string): WorkflowHandle {
    return this.client.workflow.getHandle(this.workflowId(id));
  }

  /**
   * Waits for the result, also while the server is away: then `whileAway` is called about every half second. Throws
   * WorkflowFailedError, LCOMS_E_NOT_FOUND, or `signal.reason` after an abort.
   */
  protected async resultOf<T>(id: string, { signal, whileAway }: WaitOptions): Promise<T> {
    const handle = this.handle(id);
    for (;;) {
      signal?.throwIfAborted();
      try {
        const wait = (): Promise<unknown> => handle.result();
        return (await (signal === undefined ? wait() : this.client.withAbortSignal(signal, wait))) as T;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof WorkflowNotFoundError) throw notFound(id);
        if (!isGrpcServiceError(error) && !isGrpcServiceError((error as Error).cause)) throw error;
        await whileAway?.();
        await sleep(500, undefined, signal ? { signal } : {});
      }
    }
  }

  protected async call<T>(call: () => Promise<T>, id = ''): Promise<T> {
    try {
      return await callServer(this.address, call, [WorkflowNotFoundError]);
    } catch (error) {
      throw error instanceof WorkflowNotFoundError ? notFound(id) : error;
    }
  }
}

/** Task queue of the workflows and their status records. */
export function orchestrationQueue(prefix: string): string {
  return `${prefix}-orchestration`;
}

export function notFound(runId: string): LcomsError {
  return new LcomsError('LCOMS_E_NOT_FOUND', `the Temporal server has no run ${runId}`);
}

/** How a workflow ended that has no result. */
export function endOf(runId: string, { cause, message }: WorkflowFailedError): RunOutcome {
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

/** The state of a run whose workflow has this status. */
export function stateOf(status: string): RunState {
  if (status === 'RUNNING' || status === 'CONTINUED_AS_NEW') return 'running';
  if (status === 'COMPLETED') return 'succeeded';
  return status === 'CANCELLED' || status === 'TERMINATED' ? 'cancelled' : 'failed';
}
