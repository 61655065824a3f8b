import {
  type ArtifactKind,
  type BlobRef,
  blobRefSchema,
  type NodeManifest,
  nodeManifestSchema,
} from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import { hashJson, sha256 } from '../hashing/sha256.js';
import { corrupt, decodeJson, encodeJson } from './json-object.js';
import { blobKey, manifestKey } from './layout.js';
import type { ObjectStore } from './object-store.js';

/**
 * A blob that is older than this is written again instead of being taken as there, which makes it young: gc takes only
 * what has been unreferenced for longer (an hour by default), so a blob that a commit is about to name can't go.
 */
export const REFRESH_AFTER_MS = 30 * 60_000;

/** Digest of an artifact: equal kinds and equal blobs, in any order, have equal digests. */
export function artifactDigest(kind: ArtifactKind, blobs: readonly BlobRef[]): string {
  return hashJson([kind, [...blobs].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))]);
}

/**
 * Content-addressed artifacts over an object store. Blobs by sha256, never changed; one manifest a node, written last
 * and once, is the commit. Bytes are verified whenever they are read.
 */
export class ArtifactStore {
  /** @param now clock in ms since the epoch, compared with the store's own times. */
  constructor(
    readonly store: ObjectStore,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Stores bytes under their digest; a blob that is there already with the right size isn't sent again. `name` is the
   * file name inside the artifact (LCOMS_E_INPUT unless letters, digits, `.`, `_`, `-`, at most 100).
   */
  async putBlob(name: string, bytes: Uint8Array): Promise<BlobRef> {
    const ref = blobRefSchema.safeParse({ name, bytes: bytes.length, digest: sha256(bytes) });
    if (!ref.success) {
      throw new LcomsError('LCOMS_E_INPUT', `${JSON.stringify(name)} cannot be the name of a blob`, {
        hint: 'A blob name is 1 to 100 of A-Z a-z 0-9 . _ - and begins with a letter or digit.',
      });
    }
    const key = blobKey(ref.data.digest);
    const there = await this.store.stat(key);
    const young = there !== null && this.now() - there.modifiedAt.getTime() < REFRESH_AFTER_MS;
    if (!young || there.bytes !== bytes.length) await this.store.put(key, bytes);
    return ref.data;
  }

  /** The bytes of a blob. Throws LCOMS_E_ARTIFACT_MISSING, or LCOMS_E_ARTIFACT_CORRUPT for a wrong size or digest. */
  async getBlob(ref: BlobRef): Promise<Uint8Array> {
    const key = blobKey(ref.digest);
    const bytes = await this.store.get(key);
    if (bytes.length !== ref.bytes) throw this.#wrongSize(key, ref, bytes.length);
    const digest = sha256(bytes);
    if (digest !== ref.digest) throw corrupt(key, this.store.describe(), `its bytes have the sha256 ${digest}`);
    return bytes;
  }

  /**
   * Commits a node once. Its blobs must be there (LCOMS_E_ARTIFACT_MISSING, LCOMS_E_ARTIFACT_CORRUPT for a wrong
   * size); `key` must be the hash of `identity` and `artifact.digest` that of the blobs (LCOMS_E_INPUT). When another
   * attempt was first, its manifest is returned and `created` is false: both go on with the same result.
   */
  async commit(manifest: NodeManifest): Promise<{ manifest: NodeManifest; created: boolean }> {
    const key = manifestKey(manifest.key);
    const parsed = nodeManifestSchema.safeParse(manifest);
    const flaw = parsed.success
      ? inconsistency(parsed.data)
      : `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
    if (flaw !== null) throw new LcomsError('LCOMS_E_INPUT', `the manifest of node ${manifest.key} is wrong: ${flaw}`);
    const bytes = encodeJson(manifest, `the manifest of node ${manifest.key}`);
    await this.#requireBlobs(manifest.artifact.blobs);
    // A manifest that was there and is gone when read has been discarded in between: then ours may take its place.
    for (let attempt = 1; ; attempt++) {
      const created = (await this.store.putIfAbsent(key, bytes)) === 'created';
      const committed = await this.findCommitted(manifest.key);
      if (committed !== null) return { manifest: committed, created };
      if (attempt === 3) {
        throw new LcomsError('LCOMS_E_STORE', `${key} vanishes from ${this.store.describe()} as soon as it is written`);
      }
    }
  }

  /**
   * The committed manifest of a node, null when there is none. Throws LCOMS_E_ARTIFACT_CORRUPT when it can't be read
   * or is not this node's. Its blobs are not looked at: `verify` does that.
   */
  async findCommitted(nodeKey: string): Promise<NodeManifest | null> {
    const key = manifestKey(nodeKey);
    let bytes: Uint8Array;
    try {
      bytes = await this.store.get(key);
    } catch (error) {
      if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
      throw error;
    }
    const manifest = decodeJson(bytes, nodeManifestSchema, key, this.store.describe());
    const flaw = manifest.key === nodeKey ? inconsistency(manifest) : `it is the manifest of node ${manifest.key}`;
    if (flaw !== null) throw corrupt(key, this.store.describe(), flaw);
    return manifest;
  }

  /** Reads every blob of a manifest; throws as `getBlob` does for the first that is missing or corrupt. */
  async verify(manifest: NodeManifest): Promise<void> {
    for (const blob of manifest.artifact.blobs) await this.getBlob(blob);
  }

  /** Takes back a commit, so that the node is made anew; for a manifest whose blobs are gone or corrupt. */
  async discard(nodeKey: string): Promise<void> {
    await this.store.delete(manifestKey(nodeKey));
  }

  async #requireBlobs(blobs: readonly BlobRef[]): Promise<void> {
    await Promise.all(
      blobs.map(async (blob) => {
        const key = blobKey(blob.digest);
        const there = await this.store.stat(key);
        if (there === null) {
          throw new LcomsError(
            'LCOMS_E_ARTIFACT_MISSING',
            `${blob.name} (${key}) is not in ${this.store.describe()}: blobs are stored before the manifest`,
            { path: key },
          );
        }
        if (there.bytes !== blob.bytes) throw this.#wrongSize(key, blob, there.bytes);
      }),
    );
  }

  #wrongSize(key: string, ref: BlobRef, found: number): LcomsError {
    return corrupt(key, this.store.describe(), `${ref.name} has ${ref.bytes} bytes, ${found} are there`);
  }
}

/** What makes a well-formed manifest contradict itself, or null. */
function inconsistency({ key, identity, artifact }: NodeManifest): string | null {
  if (new Set(artifact.blobs.map((blob) => blob.name)).size < artifact.blobs.length) return 'two blobs share a name';
  const digest = artifactDigest(artifact.kind, artifact.blobs);
  if (digest !== artifact.digest) return `its artifact has the digest ${digest}, it says ${artifact.digest}`;
  let identityKey: string;
  try {
    identityKey = hashJson(identity);
  } catch (error) {
    return `identity: ${(error as Error).message}`;
  }
  return identityKey === key ? null : `its identity hashes to ${identityKey}, not to its key ${key}`;
}
