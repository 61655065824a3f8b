import type { Rng } from '../../lib/random/rng.js';
import type { TemporalAddress } from '../../lib/temporal/address.js';

/** A named blob that a plugin makes or reads, e.g. `weights.safetensors`. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** A committed checkpoint. `load` verifies digests; the bytes are those that were saved. */
export interface SavedCheckpoint {
  step: number;
  info: Record<string, unknown>;
  load(name: string): Promise<Uint8Array>;
}

/** Where a plugin keeps what it needs to go on after a crash. Blobs are committed before the checkpoint that names them. */
export interface Checkpoints {
  /** The newest complete checkpoint of this node, or null. */
  latest(): Promise<SavedCheckpoint | null>;
  /**
   * Whether one should be saved now, asked after every step: by the run's settings (steps or seconds, whichever comes
   * first), or because the run is to pause. `seconds`: the plugin's own least time between two, default 30.
   */
  due(step: number, seconds?: number): boolean;
  /** Throws to end the work when the run is to pause, once the checkpoint is complete. */
  save(step: number, blobs: NamedBytes[], info: Record<string, unknown>): Promise<void>;
}

export interface PluginLog {
  info(message: string): void;
  warn(message: string): void;
}

/** Everything a plugin may use from outside. Nothing is global. */
export interface PluginContext {
  /** Aborted when the run is cancelled or the worker stops; a plugin ends within a second. */
  signal: AbortSignal;
  log: PluginLog;
  /** The node's own stream: fork it per purpose. */
  rng: Rng;
  checkpoint: Checkpoints;
  /** Metrics of a step of training or search, for the record (`step` is required and grows). */
  report(metrics: { step: number } & Record<string, number>): void;
  /** Progress: also the heartbeat. Call it at least every few seconds of work. */
  tick(progress: { done: number; total: number; unit: string }): void;
  /** A scratch folder that is removed when the node ends. */
  tmpDir: string;
  /** Local paths of the files that the options name: option name (of a list: `name.0`, `name.1`, ...) -> path. */
  files: Readonly<Record<string, string>>;
  /** Tensor backend, when the plugin's capabilities ask for one; null otherwise. */
  device: { backend: string; threads: number } | null;
  /** The Temporal server, when the plugin's capabilities say that its work runs on a task queue; null where there is none. */
  temporal: TemporalAddress | null;
}
