import { LcomsError } from '../../schemas/errors.js';

export const BLOBS = 'blobs/sha256/';
export const MANIFESTS = 'manifests/';
export const CHECKPOINTS = 'checkpoints/';
export const CLAIMS = 'claims/';
export const LEASES = 'leases/';
/** Beside `runs/`, so that listing runs does not walk them. */
export const METRICS = 'metrics/';

const DIGEST = /^[0-9a-f]{64}$/;

function checkDigest(digest: string): string {
  if (!DIGEST.test(digest)) {
    throw new LcomsError('LCOMS_E_INPUT', `${JSON.stringify(digest.slice(0, 100))} is not a sha256 digest`, {
      hint: 'A sha256 digest is 64 lower-case hexadecimal digits.',
    });
  }
  return digest;
}

/** Key of the blob with this digest; two levels of folders keep each one small. */
export function blobKey(digest: string): string {
  checkDigest(digest);
  return `${BLOBS}${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
}

/** Key of the manifest that commits a node. */
export function manifestKey(nodeKey: string): string {
  return `${MANIFESTS}${checkDigest(nodeKey)}.json`;
}

/** What the keys of a node's checkpoints begin with. */
export function checkpointPrefix(nodeKey: string): string {
  return `${CHECKPOINTS}${checkDigest(nodeKey)}/`;
}

/** What the keys of the claims on a node begin with. */
export function claimPrefix(nodeKey: string): string {
  return `${CLAIMS}${checkDigest(nodeKey)}/`;
}

/** What the keys of the leases on a node begin with; the number of the generation follows. */
export function leasePrefix(nodeKey: string): string {
  return `${LEASES}${checkDigest(nodeKey)}.`;
}
