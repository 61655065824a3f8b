import { readSafetensors, writeSafetensors } from '../../lib/tensor/safetensors.js';
import type { NamedBytes } from '../../plugins/contract/context.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext } from './context.js';

/** Row-major matrices of latents by name (`train`, `validation`, or `latents`), all of one dimension. */
export interface Latents {
  dimension: number;
  matrices: Record<string, Float32Array>;
}

/** Matrices of the crystals that are no minima, by the split that they belong to; there only where the data have any. */
export const OFF_MINIMA_MATRICES = { train: 'off-train', validation: 'off-validation' } as const;

const FILE = 'latents.safetensors';

export function writeLatents({ dimension, matrices }: Latents): NamedBytes {
  const tensors = Object.fromEntries(
    Object.entries(matrices).map(([name, data]) => [name, { shape: [data.length / dimension, dimension], data }]),
  );
  return { name: FILE, bytes: writeSafetensors(tensors) };
}

export async function readLatents(context: StepContext, manifest: NodeManifest): Promise<Latents> {
  const { tensors } = readSafetensors(await context.blob(manifest, FILE), FILE);
  const entries = Object.entries(tensors);
  const dimension = entries[0]?.[1].shape[1];
  if (dimension === undefined)
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${FILE} of ${manifest.key} holds no matrix`);
  return { dimension, matrices: Object.fromEntries(entries.map(([name, t]) => [name, t.data as Float32Array])) };
}

/** One matrix. @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when it is not there. */
export function matrix(latents: Latents, name: string): Float32Array {
  const found = latents.matrices[name];
  if (!found) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `latents have no matrix "${name}"`);
  return found;
}
