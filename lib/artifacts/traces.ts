import { CLAIMS, LEASES, METRICS } from './layout.js';
import type { ObjectStore, StoredObject } from './object-store.js';

/** What work that is over has left behind. */
export interface Trace extends StoredObject {
  /** Who made a node that is committed, or metrics of a run that is gone. */
  kind: 'turn' | 'metrics';
}

/** Who still needs traces. */
export interface TraceOwners {
  /** Keys of the nodes that are committed. */
  committed: ReadonlySet<string>;
  /** Runs that are there, or that made a committed node: its metrics are read wherever it is found again. */
  runs: ReadonlySet<string>;
}

/**
 * Claims and leases of committed nodes, and metrics of runs that are gone. An attempt that wakes up late finds its claim
 * gone and writes nothing more; nobody waits for the lease on a node that is there.
 */
export async function* findTraces(store: ObjectStore, { committed, runs }: TraceOwners): AsyncGenerator<Trace> {
  for await (const object of store.list(CLAIMS))
    if (committed.has(nameAt(object.key, CLAIMS))) yield { ...object, kind: 'turn' };
  for await (const object of store.list(LEASES))
    if (committed.has(nameAt(object.key, LEASES).replace(/\.\d+$/, ''))) yield { ...object, kind: 'turn' };
  for await (const object of store.list(METRICS))
    if (!runs.has(nameAt(object.key, METRICS))) yield { ...object, kind: 'metrics' };
}

/** The part of a key between a prefix and the next slash. */
function nameAt(key: string, prefix: string): string {
  return key.slice(prefix.length).split('/')[0] ?? '';
}
