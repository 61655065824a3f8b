import type { z } from 'zod';
import { nodeManifestSchema } from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import { checkpointManifestSchema, keptCheckpoints } from './checkpoints.js';
import { decodeJson } from './json-object.js';
import { BLOBS, blobKey, CHECKPOINTS, MANIFESTS } from './layout.js';
import type { ObjectStore, StoredObject } from './object-store.js';
import { findTraces, type Trace } from './traces.js';

/** An object that nothing needs. */
export interface Garbage extends StoredObject {
  /**
   * A blob no manifest names, a checkpoint (of a node that is done, neither the best nor one of the last, or unreadable),
   * a trace of work that is over, or a dead writer's temporary file.
   */
  kind: 'blob' | 'checkpoint' | Trace['kind'] | 'leftover';
}

/** What gc would delete; nothing has been deleted. */
export interface GcPlan {
  store: ObjectStore;
  /** In the order in which it goes: checkpoints before the blobs that they name. */
  delete: Garbage[];
  /** How many blobs stay. */
  keep: number;
}

/** What a plan spares. */
export interface GcOptions {
  /** Keys of blobs that stay though no manifest names them. */
  keepKeys?: Iterable<string>;
  /** Ids of the runs that are there: metrics of others go. Default: none go. */
  runs?: Iterable<string>;
  /** Nothing younger goes, in ms: its manifest may still be on its way. Default one hour. */
  graceMs?: number;
  /** Checkpoints of a node under way that stay beside the best: the last so many. Default 2. */
  keepLast?: number;
  /** Clock in ms since the epoch, compared with the store's times; default the machine's. */
  now?: () => number;
}

/**
 * Finds unreferenced blobs, checkpoints that nobody goes on from, traces of what is over, and leftovers of dead writers. Throws LCOMS_E_ARTIFACT_CORRUPT for
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
  const makers = new Set(options.runs ?? []);
  for await (const { key } of store.list(MANIFESTS)) {
    const bytes = await readIfThere(store, key);
    if (bytes === null) continue;
    const manifest = decodeJson(bytes, nodeManifestSchema, key, store.describe());
    committed.add(manifest.key);
    if (manifest.provenance.run !== undefined) makers.add(manifest.provenance.run);
    for (const { digest } of manifest.artifact.blobs) referenced.add(blobKey(digest));
  }
  for (const [nodeKey, checkpoints] of await checkpointsByNode(store)) {
    const readable = checkpoints.filter(({ manifest }) => manifest !== null);
    const kept = keptCheckpoints(
      readable.map(({ name, manifest }) => ({ name, info: manifest?.info ?? {} })),
      { last: options.keepLast ?? 2 },
    );
    for (const { name, object, manifest } of checkpoints) {
      const needed = manifest !== null && kept.has(name) && !committed.has(nodeKey);
      if (!needed && old(object)) garbage.push({ ...object, kind: 'checkpoint' });
      else for (const { digest } of manifest?.blobs ?? []) referenced.add(blobKey(digest));
    }
  }
  let keep = 0;
  for (const blob of blobs) {
    if (old(blob) && !referenced.has(blob.key)) garbage.push({ ...blob, kind: 'blob' });
    else keep++;
  }
  for await (const trace of findTraces(store, { committed, runs: makers }))
    if (old(trace) && (trace.kind !== 'metrics' || options.runs !== undefined)) garbage.push(trace);
  if (store.leftovers) {
    for await (const object of store.leftovers.list()) {
      if (old(object)) garbage.push({ ...object, kind: 'leftover' });
    }
  }
  // A checkpoint whose blobs went before it would be half of one, should we die in between.
  const order = ({ kind, key }: Garbage): string => `${kind === 'checkpoint' ? 0 : 1} ${key}`;
  garbage.sort((a, b) => (order(a) < order(b) ? -1 : 1));
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

interface StoredCheckpoint {
  name: string;
  object: StoredObject;
  /** null when it can't be read. */
  manifest: z.infer<typeof checkpointManifestSchema> | null;
}

/** Every checkpoint by its node's key, the newest first. */
async function checkpointsByNode(store: ObjectStore): Promise<Map<string, StoredCheckpoint[]>> {
  const found = new Map<string, StoredCheckpoint[]>();
  for await (const object of store.list(CHECKPOINTS)) {
    const bytes = await readIfThere(store, object.key);
    if (bytes === null) continue;
    const [nodeKey = '', file = ''] = object.key.slice(CHECKPOINTS.length).split('/');
    let manifest: StoredCheckpoint['manifest'] = null;
    try {
      manifest = decodeJson(bytes, checkpointManifestSchema, object.key, store.describe());
    } catch {
      // Half of one, or none: nobody can go on from it.
    }
    const checkpoint = { name: file.replace(/\.json$/, ''), object, manifest };
    found.set(nodeKey, [...(found.get(nodeKey) ?? []), checkpoint]);
  }
  for (const checkpoints of found.values()) checkpoints.sort((a, b) => (a.name < b.name ? 1 : -1));
  return found;
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
