import {
  CancellationScope,
  condition,
  log,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunReport, StatusActivities } from '../activities/record-status.js';
import type { NodeRecord } from '../schemas/run.js';

/** After so many records the time between them doubles, so that a long run with many nodes fits its history. */
const RECORDS_PER_DOUBLING = 200;

/**
 * Keeps runs/<runId>/status.json up to date: one record in flight, the newest state of every node wins, and at most
 * one record per interval of workflow time. A record that can't be written never fails the run.
 */
export class StatusRecorder {
  readonly #recordStatus: StatusActivities['recordStatus'];
  readonly #changed = new Map<string, NodeRecord>();
  #closed = false;
  /** A record got through: from then on changes are enough. */
  #begun = false;
  #records = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    /** The run as it stands; `nodes` all of them. */
    private readonly report: () => RunReport,
    /** Milliseconds. */
    private readonly interval: number,
    /** `local`: record in the workflow's own worker. `late`: the first record waits for an interval, or the end. */
    private readonly how: { local?: boolean; late?: boolean } = {},
  ) {
    const retry = {
      initialInterval: '500ms',
      backoffCoefficient: 2,
      maximumInterval: '10s',
      maximumAttempts: 10,
    } as const;
    const { recordStatus } = how.local
      ? proxyLocalActivities<StatusActivities>({ startToCloseTimeout: '1 minute', retry })
      : proxyActivities<StatusActivities>({
          taskQueue: workflowInfo().taskQueue,
          startToCloseTimeout: '1 minute',
          retry,
        });
    this.#recordStatus = recordStatus;
  }

  /** Writes the first record in the background, then goes on until `finish`. Cancelling the run does not stop it. */
  start(): void {
    this.#loop = CancellationScope.nonCancellable(async () => {
      if (!this.how.late) await this.#record();
      while (!this.#closed) {
        await condition(() => this.#closed, this.interval * 2 ** Math.floor(this.#records / RECORDS_PER_DOUBLING));
        await condition(() => this.#closed || this.#changed.size > 0);
        if (!this.#closed) await this.#record();
      }
    });
  }

  note(node: NodeRecord): void {
    this.#changed.set(node.id, node);
  }

  /** Writes the last record; the report must hold the final state by now. */
  async finish(): Promise<void> {
    this.#closed = true;
    await this.#loop;
    await CancellationScope.nonCancellable(() => this.#record());
  }

  /** The first record has every node, and replaces what an earlier run of this id has left; later ones what changed. */
  async #record(): Promise<void> {
    const first = !this.#begun;
    const nodes = first ? this.report().nodes : [...this.#changed.values()];
    // What changes from here on is noted anew.
    this.#changed.clear();
    this.#records += 1;
    const place = { execution: workflowInfo().runId, sequence: this.#records };
    try {
      await this.#recordStatus({ ...this.report(), ...place, nodes: nodes.map((node) => ({ ...node })), first });
      this.#begun = true;
    } catch (error) {
      log.warn('the status of the run could not be recorded', { error: String(error) });
      for (const node of nodes) if (!this.#changed.has(node.id)) this.#changed.set(node.id, node);
    }
  }
}
