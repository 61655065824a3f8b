import { artifactDigest } from '../../lib/artifacts/artifact-store.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { Step } from '../../schemas/experiment.js';
import type { PlannedNode } from '../../schemas/node.js';

/** Blobs of a dataset that surrogates alone learn from begin so. */
export const OFF_MINIMA = 'off-';

/** Steps that read them. */
const READ_ALL: readonly string[] = ['encode-data', 'train-surrogate'] satisfies Step[];

/**
 * Digest of what a step reads of an input: of a dataset with crystals off the minima most steps read the minima alone, and so are
 * the same nodes with them and without.
 */
export function inputDigest(step: string, { artifact }: Pick<NodeManifest, 'artifact'>): string {
  const { kind, digest, blobs } = artifact;
  const read = blobs.filter(({ name }) => !name.startsWith(OFF_MINIMA));
  if (kind !== 'dataset' || READ_ALL.includes(step) || read.length === blobs.length) return digest;
  return artifactDigest(kind, read);
}

/** Input name -> what `digestOf` says of each node that gives it. */
export function inputDigests(
  node: Pick<PlannedNode, 'needs'>,
  digestOf: (id: string) => string,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(node.needs).map(([name, from]) => [name, Array.isArray(from) ? from.map(digestOf) : digestOf(from)]),
  );
}

/** The same from the manifests of these nodes. */
export function digestsRead(
  node: Pick<PlannedNode, 'step' | 'needs'>,
  manifestOf: (id: string) => Pick<NodeManifest, 'artifact'> | null | undefined,
  unknown = '',
): Record<string, string | string[]> {
  return inputDigests(node, (id) => {
    const manifest = manifestOf(id);
    return manifest ? inputDigest(node.step, manifest) : unknown;
  });
}
