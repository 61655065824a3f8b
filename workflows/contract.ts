import type { WorkflowNode } from '../schemas/node.js';
import type { ErrorRecord, NodeState } from '../schemas/run.js';

/** Settings of how nodes are tried. All times in milliseconds. */
export interface ExperimentTimeouts {
  /** Longest silence of a node before its attempt counts as dead. Default 30,000. */
  heartbeat?: number;
  /** Longest attempt. Default 24 h. */
  startToClose?: number;
  /** Wait before the second attempt; doubles each time. Default 1,000. */
  retryInitial?: number;
  /** Longest wait between attempts. Default 30,000. */
  retryMaximum?: number;
  /** Attempts before a node fails. Default 10. */
  maximumAttempts?: number;
  /** Shortest time between two records of the status. Default 2,000. */
  statusInterval?: number;
}

/** Argument of the `experiment` workflow. At most 4,000 nodes. */
export interface ExperimentInput {
  runId: string;
  /** Task queues are `<prefix>-<queue>`. */
  prefix: string;
  nodes: WorkflowNode[];
  timeouts?: ExperimentTimeouts;
  /** Of a trial: its status is recorded by the worker that has the workflow, which spares the server two tasks. */
  trial?: boolean;
  /** The first record of the status waits for the shortest time between two, so that a short run has only its last. */
  recordLate?: boolean;
}

/** Result of the `experiment` workflow. A cancelled run has none: the workflow itself ends as cancelled. */
export interface ExperimentResult {
  runId: string;
  state: 'succeeded' | 'pruned' | 'failed' | 'paused';
  /** Number of nodes by final state. */
  nodes: Partial<Record<NodeState, number>>;
  /** The error of the first node that failed, its `where` beginning with `node <id>`. */
  error: ErrorRecord | null;
}

/** Query of the workflow; answers with a RunReport of all nodes. */
export const STATUS_QUERY = 'status';

/** Signal without arguments: no new node starts, those under way end, and the run ends as `paused`. */
export const PAUSE_SIGNAL = 'pause';
