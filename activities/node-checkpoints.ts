import { CheckpointPace, paceSettings } from '../lib/artifacts/checkpoint-pace.js';
import { type Checkpoint, CheckpointStore } from '../lib/artifacts/checkpoints.js';
import { Claim } from '../lib/artifacts/claims.js';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import type { Checkpoints, SavedCheckpoint } from '../plugins/contract/context.js';
import { LcomsError } from '../schemas/errors.js';
import { Paused } from './compute/protocol.js';
import type { NodeHooks } from './execute-node.js';
import type { MetricsRecorder } from './metrics/metrics-recorder.js';

/** Least time between checkpoints of work that names none, seconds. */
const DEFAULT_SECONDS = 30;

/** What the checkpoints of an attempt cost; part of the provenance. */
export interface CheckpointCost {
  count: number;
  /** Sum over the checkpoints. */
  bytes: number;
  /** Time spent writing them. */
  seconds: number;
  /** Step of the checkpoint that the attempt went on from, null: from nothing. */
  resumedAt: number | null;
}

export interface NodeCheckpointsParts {
  store: ObjectStore;
  key: string;
  /** Key of the node of the parent run from whose checkpoints a fork may go on, or null. */
  parentKey: string | null;
  runId: string;
  hooks: Pick<NodeHooks, 'log' | 'pause'>;
  /** Told of checkpoints, so that no step is recorded twice. */
  metrics?: Pick<MetricsRecorder, 'resumed' | 'beforeCheckpoint'>;
  env?: NodeJS.ProcessEnv;
}

/** The checkpoints of one attempt at a node: written at its pace, under its claim, told in the log with bytes and seconds. */
export class NodeCheckpoints implements Checkpoints {
  readonly cost: CheckpointCost = { count: 0, bytes: 0, seconds: 0, resumedAt: null };
  readonly #parts: NodeCheckpointsParts;
  readonly #settings: ReturnType<typeof paceSettings>;
  readonly #pace: CheckpointPace;
  #own: Promise<CheckpointStore> | null = null;

  constructor(parts: NodeCheckpointsParts) {
    this.#parts = parts;
    this.#settings = paceSettings(parts.env ?? process.env);
    this.#pace = new CheckpointPace(this.#settings);
  }

  async latest(): Promise<SavedCheckpoint | null> {
    const { log } = this.#parts.hooks;
    const own = await (await this.#store()).latest();
    const found = own ?? (await this.#ofParent());
    if (!found) return null;
    log(`goes on from checkpoint ${found.name}${own ? '' : ' of the run that this one was forked from'}`);
    this.cost.resumedAt = found.step;
    this.#parts.metrics?.resumed(found.step);
    this.#pace.saved(found.step, 0);
    return saved(found);
  }

  due(step: number, seconds = DEFAULT_SECONDS): boolean {
    return this.#parts.hooks.pause?.aborted === true || this.#pace.due(step, seconds);
  }

  async save(step: number, blobs: { name: string; bytes: Uint8Array }[], info: Record<string, unknown>): Promise<void> {
    const { log, pause } = this.#parts.hooks;
    await this.#parts.metrics?.beforeCheckpoint(step);
    const store = await this.#store();
    const bytes = blobs.reduce((sum, blob) => sum + blob.bytes.length, 0);
    log(`checkpoint at step ${step}: writing ${bytes} bytes`);
    const started = performance.now();
    await store.save(step, blobs, info);
    await store.prune({ last: this.#settings.keep });
    const spent = performance.now() - started;
    this.#pace.saved(step, spent);
    this.cost.count += 1;
    this.cost.bytes += bytes;
    this.cost.seconds += spent / 1000;
    log(`checkpoint at step ${step}: written in ${(spent / 1000).toFixed(3)} s`);
    if (pause?.aborted) throw new Paused();
  }

  /** After the commit: forgets them, but for the newest when a fork may go on from it. Does nothing where none were used. */
  async finish(keepNewest: boolean): Promise<void> {
    if (this.#own === null) return;
    const store = await this.#own;
    if (!keepNewest) return await store.clear();
    await store.prune({ last: 1, lossOf: () => undefined });
    await Claim.clear(this.#parts.store, this.#parts.key);
  }

  #store(): Promise<CheckpointStore> {
    const { store, key, runId, hooks } = this.#parts;
    this.#own ??= Claim.take(store, key, runId).then(
      (claim) =>
        new CheckpointStore(store, key, { claim, onWarning: ({ message }) => hooks.log(`warning: ${message}`) }),
    );
    this.#own.catch(() => {
      this.#own = null;
    });
    return this.#own;
  }

  async #ofParent(): Promise<Checkpoint | null> {
    const { store, parentKey } = this.#parts;
    return parentKey === null ? null : await new CheckpointStore(store, parentKey).latest();
  }
}

function saved({ name, step, info, blobs }: Checkpoint): SavedCheckpoint {
  const load = async (blob: string): Promise<Uint8Array> => {
    const bytes = blobs.get(blob);
    if (!bytes) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `checkpoint ${name} has no ${blob}`);
    return bytes;
  };
  return { step, info, load };
}
