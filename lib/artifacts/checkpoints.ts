import { z } from 'zod';
import { type BlobRef, blobRefSchema, digestSchema } from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import { sha256 } from '../hashing/sha256.js';
import { ArtifactStore } from './artifact-store.js';
import { Claim } from './claims.js';
import { corrupt, decodeJson, encodeJson } from './json-object.js';
import { checkpointPrefix } from './layout.js';
import type { ObjectStore } from './object-store.js';

/** What is stored for a checkpoint, after its blobs. */
export const checkpointManifestSchema = z.strictObject({
  version: z.literal(1),
  nodeKey: digestSchema,
  /** Number of the claim of the attempt that wrote it; absent: 0. */
  attempt: z.number().int().min(1).max(999_999).optional(),
  step: z.number().int().nonnegative().max(999_999_999_999),
  blobs: z.array(blobRefSchema),
  info: z.record(z.string(), z.unknown()),
});
type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;

/** A complete, verified checkpoint. */
export interface Checkpoint {
  /** `<claim, 6 digits>-<step, 12 digits>-<8 digits of its digest>`; without a claim, the last two. */
  name: string;
  step: number;
  /** Bytes by blob name. */
  blobs: ReadonlyMap<string, Uint8Array>;
  info: Record<string, unknown>;
}

/** Settings of a CheckpointStore. */
export interface CheckpointStoreOptions {
  /** Told of every checkpoint that is passed over because it is corrupt or incomplete; default: nobody. */
  onWarning?: (warning: LcomsError) => void;
  /** The attempt that writes: without one, nothing fences others off. */
  claim?: Claim;
}

/** What `prune` keeps. */
export interface KeepPolicy {
  /** How many of the newest to keep; default 2, at least 1. */
  last?: number;
  /** Loss of a checkpoint from its info: the one with the lowest is kept too. Default: `info.loss`, if a number. */
  lossOf?: (info: Record<string, unknown>) => number | undefined;
}

const NAME = /^(?:(\d{6})-)?(\d{12})-([0-9a-f]{8})$/;

/** Orders names by attempt, then by step. */
const rank = (name: string): string => (name.length < 25 ? `000000-${name}` : name);

function defaultLoss(info: Record<string, unknown>): number | undefined {
  return typeof info.loss === 'number' ? info.loss : undefined;
}

/** A checkpoint as its manifest tells of it. */
export interface ReadableCheckpoint {
  name: string;
  info: Record<string, unknown>;
}

/** Names of the best and the last few of a node's checkpoints, given newest first. */
export function keptCheckpoints(readable: readonly ReadableCheckpoint[], keep: KeepPolicy = {}): Set<string> {
  const last = Math.max(1, keep.last ?? 2);
  const lossOf = keep.lossOf ?? defaultLoss;
  const kept = new Set(readable.slice(0, last).map(({ name }) => name));
  const rated = readable
    .map(({ name, info }) => ({ name, loss: lossOf(info) ?? Number.NaN }))
    .filter(({ loss }) => !Number.isNaN(loss));
  const [first, ...others] = rated;
  if (first) kept.add(others.reduce((best, each) => (each.loss < best.loss ? each : best), first).name);
  return kept;
}

/**
 * The checkpoints of one node. A checkpoint is its blobs and then a small manifest that names them, so one that a
 * killed process left half-done is never seen. The store, not a heartbeat, says which checkpoint is the newest: that of
 * the youngest attempt, and of those the one of the highest step. So what an attempt writes late never hides, replaces
 * or prunes what the one after it wrote.
 */
export class CheckpointStore {
  readonly #artifacts: ArtifactStore;
  readonly #prefix: string;

  constructor(
    readonly store: ObjectStore,
    readonly nodeKey: string,
    private readonly options: CheckpointStoreOptions = {},
  ) {
    this.#artifacts = new ArtifactStore(store);
    this.#prefix = checkpointPrefix(nodeKey);
  }

  /**
   * Stores a checkpoint and returns its name; the same contents again are the same checkpoint. `info` is plain JSON
   * (RNG states, epoch, batch position, metrics). Throws LCOMS_E_INPUT for a step that is not a whole number from 0 to
   * 10^12 - 1, two blobs of one name, or info that JSON can't carry; LCOMS_E_SUPERSEDED when the claim is no longer held.
   */
  async save(
    step: number,
    blobs: readonly { name: string; bytes: Uint8Array }[],
    info: Record<string, unknown>,
  ): Promise<string> {
    if (!checkpointManifestSchema.shape.step.safeParse(step).success) {
      throw new LcomsError('LCOMS_E_INPUT', `${step} cannot be the step of a checkpoint`);
    }
    if (new Set(blobs.map((blob) => blob.name)).size < blobs.length) {
      throw new LcomsError('LCOMS_E_INPUT', `two blobs of the checkpoint at step ${step} share a name`);
    }
    encodeJson(info, `the info of the checkpoint at step ${step}`);
    const { claim } = this.options;
    await claim?.assertHeld();
    const refs: BlobRef[] = [];
    for (const { name, bytes } of blobs) refs.push(await this.#artifacts.putBlob(name, bytes));
    const attempt = claim === undefined ? {} : { attempt: claim.number };
    const manifest: CheckpointManifest = { version: 1, nodeKey: this.nodeKey, ...attempt, step, blobs: refs, info };
    const bytes = encodeJson(manifest, `the checkpoint at step ${step}`);
    const fence = claim === undefined ? '' : `${String(claim.number).padStart(6, '0')}-`;
    const name = `${fence}${String(step).padStart(12, '0')}-${sha256(bytes).slice(0, 8)}`;
    // Sending the blobs may have taken long.
    await claim?.assertHeld();
    await this.store.put(this.#key(name), bytes);
    return name;
  }

  /** Names of the stored checkpoints, newest first. */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const { key } of this.store.list(this.#prefix)) {
      const name = key.slice(this.#prefix.length).replace(/\.json$/, '');
      if (NAME.test(name) && key.endsWith('.json')) names.push(name);
    }
    return names.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  }

  /** The newest checkpoint that is complete and verified, null when there is none; the others are warned about. */
  async latest(): Promise<Checkpoint | null> {
    for (const name of await this.names()) {
      const checkpoint = await this.#orWarn(() => this.load(name));
      if (checkpoint !== null) return checkpoint;
    }
    return null;
  }

  /** One checkpoint, verified. Throws LCOMS_E_ARTIFACT_MISSING or LCOMS_E_ARTIFACT_CORRUPT. */
  async load(name: string): Promise<Checkpoint> {
    const { step, blobs: refs, info } = await this.#manifest(name);
    const blobs = new Map<string, Uint8Array>();
    for (const ref of refs) blobs.set(ref.name, await this.#artifacts.getBlob(ref));
    return { name, step, blobs, info };
  }

  /**
   * Forgets all but the best and the last few; returns the names that went. Only manifests go: their blobs, which
   * others may name, are left to gc. Unreadable checkpoints go too, as long as a readable one stays.
   */
  async prune(keep: KeepPolicy = {}): Promise<string[]> {
    const readable: ReadableCheckpoint[] = [];
    const names = await this.names();
    for (const name of names) {
      const manifest = await this.#orWarn(() => this.#manifest(name));
      if (manifest !== null) readable.push({ name, info: manifest.info });
    }
    const kept = keptCheckpoints(readable, keep);
    const gone = readable.length === 0 ? [] : names.filter((name) => !kept.has(name));
    for (const name of gone) await this.store.delete(this.#key(name));
    return gone;
  }

  /** Forgets every checkpoint and claim of the node, once it is committed. */
  async clear(): Promise<void> {
    for (const name of await this.names()) await this.store.delete(this.#key(name));
    await Claim.clear(this.store, this.nodeKey);
  }

  #key(name: string): string {
    if (!NAME.test(name)) {
      throw new LcomsError('LCOMS_E_INPUT', `${JSON.stringify(name.slice(0, 100))} is not the name of a checkpoint`);
    }
    return `${this.#prefix}${name}.json`;
  }

  async #manifest(name: string): Promise<CheckpointManifest> {
    const key = this.#key(name);
    const bytes = await this.store.get(key);
    const digest = sha256(bytes).slice(0, 8);
    const [, attempt = '0', step, stated] = NAME.exec(name) as RegExpExecArray;
    if (digest !== stated) throw corrupt(key, this.store.describe(), `its digest begins with ${digest}`);
    const manifest = decodeJson(bytes, checkpointManifestSchema, key, this.store.describe());
    const named = manifest.step === Number(step) && (manifest.attempt ?? 0) === Number(attempt);
    if (manifest.nodeKey === this.nodeKey && named) return manifest;
    throw corrupt(key, this.store.describe(), `it is of node ${manifest.nodeKey}, step ${manifest.step}`);
  }

  async #orWarn<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      const unusable = ['LCOMS_E_ARTIFACT_MISSING', 'LCOMS_E_ARTIFACT_CORRUPT'];
      if (!(error instanceof LcomsError) || !unusable.includes(error.code)) throw error;
      this.options.onWarning?.(error);
      return null;
    }
  }
}
