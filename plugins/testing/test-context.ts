import { CheckpointPace } from '../../lib/artifacts/checkpoint-pace.js';
import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import { Rng } from '../../lib/random/rng.js';
import type { Checkpoints, NamedBytes, PluginContext, SavedCheckpoint } from '../contract/context.js';

/** Checkpoints in memory. */
export class MemoryCheckpoints implements Checkpoints {
  private newest: { step: number; blobs: Map<string, Uint8Array>; info: string } | null = null;
  /** Checkpoints that were saved. */
  saves = 0;
  readonly #pace = new CheckpointPace({});

  /** @param onSave called after each checkpoint is complete, e.g. to abort there */
  constructor(private readonly onSave: (saves: number) => void = () => undefined) {}

  async latest(): Promise<SavedCheckpoint | null> {
    const saved = this.newest;
    if (saved === null) return null;
    return {
      step: saved.step,
      info: JSON.parse(saved.info) as Record<string, unknown>,
      load: async (name) => {
        const bytes = saved.blobs.get(name);
        if (!bytes) throw new Error(`the checkpoint of step ${saved.step} has no blob "${name}"`);
        return bytes.slice();
      },
    };
  }

  due(step: number, seconds = 30): boolean {
    return this.#pace.due(step, seconds);
  }

  async save(step: number, blobs: NamedBytes[], info: Record<string, unknown>): Promise<void> {
    const copies = blobs.map(({ name, bytes }) => [name, bytes.slice()] as const);
    // As canonical text: a store keeps JSON with sorted members, so neither their order nor what JSON can't carry comes back.
    this.newest = { step, blobs: new Map(copies), info: canonicalJson(info) };
    this.saves++;
    this.#pace.saved(step, 0);
    this.onSave(this.saves);
  }
}

export interface TestContextOptions {
  seed?: string | number;
  signal?: AbortSignal;
  checkpoint?: Checkpoints;
  report?: PluginContext['report'];
  tick?: PluginContext['tick'];
  log?: PluginContext['log'];
  /** A folder that exists; the working folder by default. */
  tmpDir?: string;
  files?: Readonly<Record<string, string>>;
  device?: PluginContext['device'];
  temporal?: PluginContext['temporal'];
}

/** A plugin context without a run: checkpoints in memory, silent log, seed 0. */
export function testContext(options: TestContextOptions = {}): PluginContext {
  const silent = () => undefined;
  return {
    signal: options.signal ?? new AbortController().signal,
    log: options.log ?? { info: silent, warn: silent },
    rng: Rng.from(options.seed ?? 0),
    checkpoint: options.checkpoint ?? new MemoryCheckpoints(),
    report: options.report ?? silent,
    tick: options.tick ?? silent,
    tmpDir: options.tmpDir ?? '.',
    files: options.files ?? {},
    device: options.device ?? null,
    temporal: options.temporal ?? null,
  };
}

/** sha256 over the names and contents of blobs, in their order. */
export function digestBlobs(blobs: readonly NamedBytes[]): string {
  return sha256(blobs.map(({ name, bytes }) => `${name}:${sha256(bytes)}`).join('\n'));
}
