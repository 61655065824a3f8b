import { nodeManifestSchema } from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import { checkpointManifestSchema } from './checkpoints.js';
import { decodeJson } from './json-object.js';
import { BLOBS, blobKey, CHECKPOINTS, MANIFESTS } from './layout.js';
import type { ObjectStore, StoredObject } from './object-store.js';

/** An object that nothing needs. */
export interface Garbage extends StoredObject {
  /** A blob no manifest names, a checkpoint manifest that can't be read or whose node is committed, or a dead writer's temporary file. */
  kind: 'blob' | 'checkpoint' | 'leftover';
}

/** What gc would delete; nothing has been deleted. */
export interface GcPlan {
  store: ObjectStore;
  /** By key. */
  delete: Garbage[];
  /** How many blobs stay. */
  keep: number;
}

/** What a plan spares. */
export interface GcOptions {
  /** Keys of blobs that stay though no manifest names them. */
  keepKeys?: Iterable<string>;
  /** Nothing younger goes, in ms: its manifest may still be on its way. Default one hour. */
  graceMs?: number;
  /** Clock in ms since the epoch, compared with the store's times; default the machine's. */
  now?: () => number;
}

/**
 * Finds unreferenced blobs, unreadable checkpoints and leftovers of dead writers. Throws LCOMS_E_ARTIFACT_CORRUPT for
 * an unreadable node manifest: what it named is unknown, so nothing may go until it is dealt with.
 */
export async function planGc(store: ObjectStore, options: GcOptions = {}): Promise<GcPlan> {
  const before = (options.now ?? Date.now)() - (options.graceMs ?? 3_600_000);
  const old = ({ modifiedAt }: StoredObject) => modifiedAt.getTime() < before;
  // Blobs first: a manifest that is committed meanwhile is then seen, and keeps its blobs.
  const blobs = await collect(store.list(BLOBS));
  const referenced = new Set(options.keepKeys ?? []);
  const garbage: Garbage[] = [];
  const committed = new Set<string>();
  for await (const { key } of store.list(MANIFESTS)) {
    committed.add(key.slice(MANIFESTS.length, -'.json'.length));
    const bytes = await readIfThere(store, key);
    if (bytes === null) continue;
    const manifest = decodeJson(bytes, nodeManifestSchema, key, store.describe());
    for (const { digest } of manifest.artifact.blobs) referenced.add(blobKey(digest));
  }
  for await (const object of store.list(CHECKPOINTS)) {
    const bytes = await readIfThere(store, object.key);
    if (bytes === null) continue;
    try {
      const manifest = decodeJson(bytes, checkpointManifestSchema, object.key, store.describe());
      // What a finished training left for forks goes with time.
      if (committed.has(manifest.nodeKey) && old(object)) garbage.push({ ...object, kind: 'checkpoint' });
      else for (const { digest } of manifest.blobs) referenced.add(blobKey(digest));
    } catch {
      if (old(object)) garbage.push({ ...object, kind: 'checkpoint' });
    }
  }
  let keep = 0;
  for (const blob of blobs) {
    if (old(blob) && !referenced.has(blob.key)) garbage.push({ ...blob, kind: 'blob' });
    else keep++;
  }
  if (store.leftovers) {
    for await (const object of store.leftovers.list()) {
      if (old(object)) garbage.push({ ...object, kind: 'leftover' });
    }
  }
  garbage.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { store, delete: garbage, keep };
}

/**
 * Deletes what a plan names and returns what went. A blob that has been written again since the plan was made is
 * somebody's again and stays.
 */
export async function runGc(plan: GcPlan): Promise<{ deleted: number; bytes: number }> {
  let deleted = 0;
  let bytes = 0;
  for (const garbage of plan.delete) {
    if (garbage.kind === 'leftover') {
      await plan.store.leftovers?.delete(garbage.key);
    } else {
      const now = await plan.store.stat(garbage.key);
      if (now === null || Math.abs(now.modifiedAt.getTime() - garbage.modifiedAt.getTime()) >= 1000) continue;
      await plan.store.delete(garbage.key);
    }
    deleted++;
    bytes += garbage.bytes;
  }
  return { deleted, bytes };
}

async function collect(objects: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

async function readIfThere(store: ObjectStore, key: string): Promise<Uint8Array | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
    throw error;
  }
}
