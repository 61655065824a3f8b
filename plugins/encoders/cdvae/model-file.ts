import type { Rng } from '../../../lib/random/rng.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import { readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { LatticeScale } from './lattice-target.js';
import { CdvaeModel } from './model.js';
import { CdvaeNetworks } from './networks.js';
import { type CdvaeOptions, cdvaeOptionsSchema } from './options.js';

/** The blob that holds a trained model. */
export const MODEL_BLOB = 'cdvae.safetensors';

/** All weights as safetensors; options and the lattice's standardisation in its metadata. */
export function writeModel(parameters: Parameters, options: CdvaeOptions, scale: LatticeScale): Uint8Array {
  return writeSafetensors(parameters.save(), { options: JSON.stringify(options), latticeScale: JSON.stringify(scale) });
}

/**
 * @param options how to decode and reduce: settings that shape the networks come from the file
 * @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the bytes are not such a file
 */
export function readModel(bytes: Uint8Array, options: CdvaeOptions, rng: Rng, signal: AbortSignal): CdvaeModel {
  const { tensors, metadata } = readSafetensors(bytes);
  const { trained, scale } = readMetadata(metadata);
  const { noiseLevels, langevinSteps, langevinStepSize } = options;
  const used = { ...trained, noiseLevels, langevinSteps, langevinStepSize };
  const parameters = new Parameters(rng.fork('weights'));
  const networks = new CdvaeNetworks(parameters, used);
  try {
    parameters.load(tensors);
  } catch (error) {
    parameters.dispose();
    throw error;
  }
  return new CdvaeModel(parameters, networks, used, scale, rng, signal);
}

function readMetadata(metadata: Record<string, string>): { trained: CdvaeOptions; scale: LatticeScale } {
  try {
    return {
      trained: cdvaeOptionsSchema.parse(JSON.parse(metadata['options'] ?? 'null')),
      scale: JSON.parse(metadata['latticeScale'] as string) as LatticeScale,
    };
  } catch (cause) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${MODEL_BLOB} does not say how it was made: ${String(cause)}`, {
      cause,
    });
  }
}
