import { Rng } from '../../../lib/random/rng.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { NamedBytes } from '../../contract/context.js';
import { EnergyNetwork, type NetworkShape } from './network.js';
import type { Scale } from './standardise.js';

/** The blob of a trained surrogate that its model is loaded from. */
export const WEIGHTS_FILE = 'surrogate.safetensors';
const FORMAT = 'lcoms-energy-mlp';

interface Description {
  shape: NetworkShape;
  energyMean: number;
  energyStd: number;
}

/** Weights, shape and scale in one safetensors file. */
export function writeWeights(weights: NamedTensors, shape: NetworkShape, scale: Scale): NamedBytes {
  const { latentMean, latentStd, energyMean, energyStd } = scale;
  const row = (data: Float32Array) => ({ shape: [data.length], data });
  const tensors = { ...weights, 'latent.mean': row(latentMean), 'latent.std': row(latentStd) };
  const description: Description = { shape, energyMean, energyStd };
  return {
    name: WEIGHTS_FILE,
    bytes: writeSafetensors(tensors, { format: FORMAT, description: JSON.stringify(description) }),
  };
}

/** @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the blob is missing or holds something else. */
export function readWeights(blobs: ReadonlyMap<string, Uint8Array>): { network: EnergyNetwork; scale: Scale } {
  const bytes = blobs.get(WEIGHTS_FILE);
  if (!bytes) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `a surrogate without ${WEIGHTS_FILE}`);
  const { tensors, metadata } = readSafetensors(bytes, WEIGHTS_FILE);
  const { 'latent.mean': mean, 'latent.std': std, ...weights } = tensors;
  if (metadata['format'] !== FORMAT || !mean || !std) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', 'the file holds no energy surrogate', { file: WEIGHTS_FILE });
  }
  const { shape, energyMean, energyStd } = JSON.parse(metadata['description'] ?? '{}') as Description;
  // Its random start is replaced at once.
  const network = new EnergyNetwork(shape, Rng.from('overwritten'));
  network.parameters.load(weights);
  const latentMean = Float32Array.from(mean.data);
  const latentStd = Float32Array.from(std.data);
  return { network, scale: { latentMean, latentStd, energyMean, energyStd } };
}
