import { artifactDigest } from '../../../lib/artifacts/artifact-store.js';
import { hashJson } from '../../../lib/hashing/sha256.js';
import type { BlobRef, NodeManifest } from '../../../schemas/artifact.js';

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** `length` bytes of a fixed pattern without a short period. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (Math.imul(i, 2654435761) >>> 13) & 255;
  return bytes;
}

/** A consistent manifest of the node with this identity. `lcoms` tells attempts apart. */
export function manifestOf(identity: Record<string, unknown>, blobs: BlobRef[], lcoms = '0.1.0'): NodeManifest {
  return {
    version: 1,
    key: hashJson(identity),
    identity,
    artifact: { kind: 'report', digest: artifactDigest('report', blobs), blobs },
    metrics: { loss: 0.5, note: 'x', ok: true, none: null },
    provenance: {
      createdAt: '2025-01-01T00:00:00.000Z',
      seconds: 1.5,
      cpuSeconds: 1,
      backend: null,
      lcoms,
      node: 'test',
    },
  };
}
