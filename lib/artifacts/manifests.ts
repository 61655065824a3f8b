import { type NodeManifest, nodeManifestSchema } from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import { decodeJson } from './json-object.js';
import { MANIFESTS } from './layout.js';
import type { ObjectStore } from './object-store.js';

const AT_ONCE = 16;

/** Every committed manifest of a store, by the time it was made, then by key. One that can't be read is left out. */
export async function allManifests(store: ObjectStore): Promise<NodeManifest[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(MANIFESTS)) keys.push(key);
  const found: NodeManifest[] = [];
  const next = keys[Symbol.iterator]();
  const reader = async (): Promise<void> => {
    for (const key of next) {
      try {
        found.push(decodeJson(await store.get(key), nodeManifestSchema, key, store.describe()));
      } catch (error) {
        const unusable = ['LCOMS_E_ARTIFACT_MISSING', 'LCOMS_E_ARTIFACT_CORRUPT'];
        if (!(error instanceof LcomsError && unusable.includes(error.code))) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  const order = ({ key, provenance }: NodeManifest): string => `${provenance.createdAt} ${key}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
