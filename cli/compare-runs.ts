import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import { type BlobDifference, compareBlobs } from './compare-blobs.js';
import { type Difference, differences } from './flatten.js';
import type { RunFacts } from './run-facts.js';

/** A node of a run beside the same node made again. */
export interface ComparedNode {
  id: string;
  /** `damaged`: the recorded result is not what its digest says; `unmade`: it was not made again. */
  verdict: 'same' | 'differs' | 'damaged' | 'unmade';
  recorded: string;
  remade: string | null;
  /** Why a recorded result is damaged. */
  damage: string | null;
  /** What its key depends on and was not the same: options, versions, inputs, seed. */
  identity: Difference[];
  /** Files that differ. */
  files: BlobDifference[];
}

/** @param store of the recorded run; `again` of the remade one. Both hold what they made. */
export async function compareNodes(
  recorded: RunFacts,
  store: ArtifactStore,
  remade: RunFacts,
  again: ArtifactStore,
): Promise<ComparedNode[]> {
  const compared: ComparedNode[] = [];
  const made = new Map(remade.nodes.map((node) => [node.id, node]));
  for (const { id, artifact } of recorded.nodes) {
    if (artifact === null) continue;
    const [a, b] = [recorded.manifests.get(id), remade.manifests.get(id)];
    const digest = made.get(id)?.artifact?.digest ?? null;
    const damage = a ? await damageOf(store, a, artifact.digest) : null;
    const same = digest === artifact.digest;
    compared.push({
      id,
      verdict: damage !== null ? 'damaged' : digest === null ? 'unmade' : same ? 'same' : 'differs',
      recorded: artifact.digest,
      remade: digest,
      damage,
      identity: a && b ? differences(a.identity, b.identity) : [],
      files: a && b && !same && damage === null ? await fileDifferences(a, store, b, again) : [],
    });
  }
  return compared;
}

async function damageOf(store: ArtifactStore, manifest: NodeManifest, digest: string): Promise<string | null> {
  if (manifest.artifact.digest !== digest) return `the store has ${manifest.artifact.digest} under its key`;
  try {
    await store.verify(manifest);
    return null;
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT') return error.message;
    // Deleted by gc: it can still be compared by its digest.
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
    throw error;
  }
}

async function fileDifferences(
  a: NodeManifest,
  store: ArtifactStore,
  b: NodeManifest,
  again: ArtifactStore,
): Promise<BlobDifference[]> {
  const found: BlobDifference[] = [];
  const names = new Set([...a.artifact.blobs, ...b.artifact.blobs].map(({ name }) => name));
  for (const name of names) {
    const [one, two] = [a, b].map(({ artifact }) => artifact.blobs.find((blob) => blob.name === name));
    if (one && two && one.digest === two.digest) continue;
    const [left, right] = [one && (await bytesOf(store, one)), two && (await bytesOf(again, two))];
    if (left && right) found.push(compareBlobs(name, left, right));
    else
      found.push({
        name,
        by: 'bytes',
        numbers: 0,
        differing: 0,
        largestAbsolute: 0,
        largestRelative: 0,
        at: '',
        other: ['only one of the two is there'],
      });
  }
  return found;
}

async function bytesOf(
  store: ArtifactStore,
  ref: NodeManifest['artifact']['blobs'][number],
): Promise<Uint8Array | null> {
  try {
    return await store.getBlob(ref);
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
    throw error;
  }
}

/** What of code and machine was not the same: `backend`, `lcoms`, `node`, `machine`, as the nodes recorded them. */
export function surroundingDifferences(recorded: RunFacts, remade: RunFacts): Difference[] {
  const pairs = new Map<string, Difference>();
  for (const [id, a] of recorded.manifests) {
    const b = remade.manifests.get(id);
    if (!b) continue;
    for (const path of ['backend', 'lcoms', 'node', 'machine'] as const) {
      const [one, two] = [a.provenance[path], b.provenance[path]];
      if (one != null && two != null && one !== two) pairs.set(`${path} ${one} ${two}`, { path, a: one, b: two });
    }
  }
  const versions = ({ plan }: RunFacts) =>
    Object.fromEntries(
      plan.plugins.map(({ id, version, cacheVersion }) => [`plugin ${id}`, `${version} (${cacheVersion})`]),
    );
  const [one, two] = [versions(recorded), versions(remade)];
  const plugins = Object.keys(one).flatMap((path) =>
    one[path] === two[path] ? [] : [{ path, a: one[path], b: two[path] }],
  );
  return [...pairs.values(), ...plugins];
}
