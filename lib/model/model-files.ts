import type { ModelFile, ModelFileRole, ModelInfo } from '../../schemas/model.js';
import { artifactDigest } from '../artifacts/artifact-store.js';
import { sha256 } from '../hashing/sha256.js';
import { Rng } from '../random/rng.js';
import { readSafetensors, writeSafetensors } from '../tensor/safetensors.js';

/** A trained model outside of any run: what it is, and the bytes of its files by name. */
export interface ModelFiles {
  info: ModelInfo;
  bytes: ReadonlyMap<string, Uint8Array>;
}

/** Training latents that a model carries at most: enough to say where the data lie, 4 MB at 256 dimensions. */
export const MOST_REFERENCE_ROWS = 4000;
export const REFERENCE_FILE = 'reference.safetensors';
const REFERENCE_TENSOR = 'latents';

export function modelFile(name: string, role: ModelFileRole, bytes: Uint8Array): ModelFile {
  return { name, role, bytes: bytes.length, sha256: sha256(bytes) };
}

/** The files of one role by name, as a plugin's `load` takes them. */
export function filesOf({ info, bytes }: ModelFiles, role: ModelFileRole): Map<string, Uint8Array> {
  const named = info.files.filter((file) => file.role === role);
  return new Map(named.map(({ name }) => [name, bytes.get(name) as Uint8Array]));
}

/** Files of an encoder that encoding and decoding do not depend on: learning curves. */
const RECORDS = /\.jsonl$/;

/** What tells one encoder from another: the digest of its weights, the same for a run, a folder and the weights alone. */
export function encoderDigest(info: Pick<ModelInfo, 'files'>): string {
  const files = info.files.filter(({ name, role }) => role === 'encoder' && !RECORDS.test(name));
  return artifactDigest(
    'encoder',
    files.map(({ name, bytes, sha256: digest }) => ({ name, bytes, digest })),
  );
}

/**
 * At most 4,000 of the raw training latents (n x d, row-major) as a file, in their order: a sample that follows from the
 * seed.
 */
export function writeReference(train: Float32Array, dimension: number, seed: number): Uint8Array {
  const n = train.length / dimension;
  const rows = Array.from({ length: n }, (_, i) => i);
  const kept =
    n <= MOST_REFERENCE_ROWS
      ? rows
      : Rng.from(seed)
          .fork('reference')
          .shuffle(rows)
          .slice(0, MOST_REFERENCE_ROWS)
          .sort((a, b) => a - b);
  const data = new Float32Array(kept.length * dimension);
  for (const [to, from] of kept.entries())
    data.set(train.subarray(from * dimension, (from + 1) * dimension), to * dimension);
  return writeSafetensors({ [REFERENCE_TENSOR]: { shape: [kept.length, dimension], data } });
}

/** The raw training latents of a model, m x d; empty when it has none. @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT */
export function readReference(files: ModelFiles): Float32Array {
  const [file] = filesOf(files, 'reference');
  if (file === undefined) return new Float32Array();
  const { tensors } = readSafetensors(file[1], file[0]);
  return Float32Array.from(tensors[REFERENCE_TENSOR]?.data ?? []);
}
