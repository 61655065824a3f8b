import type { NodeResult, NodeTask, Progress } from '../../schemas/node.js';
import type { ErrorRecord } from '../../schemas/run.js';

/** An error on its way out of the compute process. */
export interface RemoteError {
  record: ErrorRecord;
  retryable: boolean;
}

/** From the worker to the compute process. One job at a time. */
export type ToCompute = { type: 'job'; task: NodeTask; attempt: number } | { type: 'cancel' } | { type: 'pause' };

/** From the compute process to the worker. */
export type FromCompute =
  | { type: 'ready' }
  | { type: 'tick'; progress: Progress }
  | { type: 'log'; line: string }
  | { type: 'result'; result: NodeResult; memoryMB: number }
  | { type: 'paused' }
  | { type: 'error'; error: RemoteError; memoryMB: number };

/** What a node's work may call while it runs. */
export interface ComputeHooks {
  /** Aborted when the run is cancelled or the worker stops; the process is killed soon after. */
  signal: AbortSignal;
  /** Aborted when the run is to pause: the work writes a checkpoint as soon as it can, and ends with Paused. */
  pause: AbortSignal;
  /** From 1. */
  attempt: number;
  /** Sign of life with progress; silence longer than the heartbeat timeout gets the process killed. */
  tick(progress: Progress): void;
  /** One line for the log of the run. */
  log(line: string): void;
}

/** What the module that a compute process runs must export as `executeNode`. */
export type ExecuteNode = (task: NodeTask, hooks: ComputeHooks) => Promise<NodeResult>;

/** Ends work whose run is to pause, after its checkpoint. Known by its name: a plugin may bring a copy of the package. */
export class Paused extends Error {
  override readonly name = 'Paused';
  constructor() {
    super('the run is to pause');
  }
}
