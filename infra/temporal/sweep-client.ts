import { WorkflowFailedError } from '@temporalio/client';
import {
  SWEEP_QUERY,
  type SweepInput,
  type SweepLimits,
  type SweepProgress,
  type SweepResult,
} from '../../workflows/sweep-contract.js';
import { endOf, orchestrationQueue, type WaitOptions, WorkflowClient } from './workflow-client.js';

/** What a sweep came to. */
export type SweepOutcome = Omit<SweepResult, 'state'> & { state: 'succeeded' | 'failed' | 'paused' | 'cancelled' };

const SWEEP_ID_PREFIX = 'lcoms-sweep-';

/** Temporal's id of a sweep. */
export function sweepWorkflowId(sweepId: string): string {
  return `${SWEEP_ID_PREFIX}${sweepId}`;
}

/** Starts sweeps and asks after them; see RunClient. */
export class SweepClient extends WorkflowClient {
  protected workflowId(sweepId: string): string {
    return sweepWorkflowId(sweepId);
  }

  /** Starts a sweep, or joins it when it is under way. */
  async start(sweepId: string, limits: SweepLimits, options: Partial<SweepInput> = {}): Promise<void> {
    const input: SweepInput = { ...options, sweepId, prefix: this.prefix, limits };
    await this.call(() =>
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
  async result(sweepId: string, options: WaitOptions = {}): Promise<SweepOutcome> {
    try {
      return await this.resultOf<SweepResult>(sweepId, options);
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const { state, error: record } = endOf(sweepId, error);
      return { sweepId, state: state === 'cancelled' ? state : 'failed', counts: {}, stopped: null, error: record };
    }
  }

  /** How a sweep stands, from a worker; null when none answers in three seconds or there is no such sweep. */
  async progress(sweepId: string): Promise<SweepProgress | null> {
    return await this.client
      .withDeadline(Date.now() + 3_000, () => this.handle(sweepId).query<SweepProgress>(SWEEP_QUERY))
      .catch(() => null);
  }

  /** Sweeps of this store that are under way. */
  async open(): Promise<string[]> {
    const of = `WorkflowType = 'sweep' AND TaskQueue = '${orchestrationQueue(this.prefix)}'`;
    return await this.call(async () => {
      const ids: string[] = [];
      for await (const { workflowId } of this.client.workflow.list({ query: `${of} AND ExecutionStatus = 'Running'` }))
        ids.push(workflowId.slice(SWEEP_ID_PREFIX.length));
      return ids;
    });
  }
}
