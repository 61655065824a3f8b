import {
  Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { RunReport } from '../../activities/record-status.js';
import { withCredentials } from '../../lib/temporal/address.js';
import { openConnection } from '../../lib/temporal/connection.js';
import type { WorkflowNode } from '../../schemas/node.js';
import type { RunState } from '../../schemas/run.js';
import {
  type ExperimentInput,
  type ExperimentResult,
  type ExperimentTimeouts,
  STATUS_QUERY,
} from '../../workflows/contract.js';
import { type LiveNode, liveNodes } from './live-nodes.js';
import { giveBackActivities, identityOf } from './lost-worker.js';
import { SweepClient } from './sweep-client.js';
import {
  endOf,
  notFound,
  orchestrationQueue,
  type RunOutcome,
  stateOf,
  type WaitOptions,
  WorkflowClient,
} from './workflow-client.js';

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
export class RunClient extends WorkflowClient {
  /** The same for sweeps. */
  readonly sweeps: SweepClient;

  private constructor(...[client, prefix, address]: ConstructorParameters<typeof WorkflowClient>) {
    super(client, prefix, address);
    this.sweeps = new SweepClient(client, prefix, address);
  }

  protected workflowId(runId: string): string {
    return workflowId(runId);
  }

  static async connect({ address, namespace, prefix, env = process.env }: RunClientOptions): Promise<RunClient> {
    const connection = openConnection(withCredentials(address, namespace, env));
    const run = new RunClient(new Client({ connection, namespace }), prefix, address);
    await run.call(() => connection.ensureConnected());
    return run;
  }

  /** Starts a run, or finds it when it was started before. The run goes on without this client. */
  async start(runId: string, nodes: WorkflowNode[], { timeouts, again = false }: StartOptions = {}): Promise<void> {
    const input: ExperimentInput = { runId, prefix: this.prefix, nodes, ...(timeouts ? { timeouts } : {}) };
    await this.call(async () => {
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
  async result(runId: string, options: WaitOptions = {}): Promise<RunOutcome> {
    try {
      return await this.resultOf<ExperimentResult>(runId, options);
    } catch (error) {
      if (error instanceof WorkflowFailedError) return endOf(runId, error);
      throw error;
    }
  }

  /** How the run stands, from a worker; null when none answers in `timeout` milliseconds (default 3,000). */
  async status(runId: string, timeout = 3_000): Promise<RunReport | null> {
    try {
      return await this.client.withDeadline(Date.now() + timeout, () =>
        this.handle(runId).query<RunReport>(STATUS_QUERY),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw notFound(runId);
      return null;
    }
  }

  /** The nodes that are placed and not yet done, with progress, attempt and newest error. No worker is needed. */
  async liveNodes(runId: string): Promise<LiveNode[]> {
    const { raw } = await this.call(() => this.handle(runId).describe(), runId);
    return liveNodes(raw.pendingActivities ?? []);
  }

  /**
   * Whether a worker polls for the workflows of this store. A poll lasts a minute, so one that was killed is missed only
   * after that.
   */
  async hasWorkers(now = Date.now()): Promise<boolean> {
    const { namespace } = this.client.options;
    const { pollers } = await this.call(() =>
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
    return await this.call(() => giveBackActivities(this.client, of, identityOf(pid)));
  }

  /** Runs of this store, newest first. A run that ended with a failed node is `succeeded` here; its record says more. */
  async list(limit = 1_000): Promise<ListedRun[]> {
    const query = `WorkflowType = 'experiment' AND TaskQueue = '${orchestrationQueue(this.prefix)}'`;
    return this.call(async () => {
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
}

/** enum TaskQueueType: WORKFLOW. */
const WORKFLOW_TASK_QUEUE = 1;
/** Longest silence of a worker that polls, ms. */
const POLL = 70_000;

const WORKFLOW_ID_PREFIX = 'lcoms-run-';

/** Temporal's id of a run. */
export function workflowId(runId: string): string {
  return `${WORKFLOW_ID_PREFIX}${runId}`;
}
