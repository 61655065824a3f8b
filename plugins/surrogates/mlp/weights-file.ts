import { Rng } from '../../../lib/random/rng.js';
import { type NamedTensors, readSafetensors, writeSafetensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { NamedBytes } from '../../contract/context.js';
import type { Fitted } from './fitted.js';
import { EnergyNetwork, type NetworkShape } from './network.js';
import type { Scale } from './standardise.js';

/** The blob of a trained surrogate that its model is loaded from. */
export const WEIGHTS_FILE = 'surrogate.safetensors';
const FORMAT = 'lcoms-energy-mlp';
/** Of a network that takes the composition too: what reads the other alone refuses it. */
const COMPOSITION_FORMAT = 'lcoms-energy-mlp-composition';

interface Description {
  shape: NetworkShape;
  energyMean: number;
  energyStd: number;
  elements?: readonly string[];
}

/** Weights, shape and scale in one safetensors file. */
export function writeWeights(
  weights: NamedTensors,
  shape: NetworkShape,
  scale: Scale,
  elements: Fitted['elements'] = null,
): NamedBytes {
  const { latentMean, latentStd, energyMean, energyStd } = scale;
  const row = (data: Float32Array) => ({ shape: [data.length], data });
  const tensors = { ...weights, 'latent.mean': row(latentMean), 'latent.std': row(latentStd) };
  const description: Description = { shape, energyMean, energyStd, ...(elements && { elements }) };
  const format = elements ? COMPOSITION_FORMAT : FORMAT;
  return {
    name: WEIGHTS_FILE,
    bytes: writeSafetensors(tensors, { format, description: JSON.stringify(description) }),
  };
}

/** @throws LcomsError LCOMS_E_ARTIFACT_CORRUPT when the blob is missing or holds something else. */
export function readWeights(blobs: ReadonlyMap<string, Uint8Array>): { network: EnergyNetwork } & Fitted {
  const bytes = blobs.get(WEIGHTS_FILE);
  if (!bytes) throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `a surrogate without ${WEIGHTS_FILE}`);
  const { tensors, metadata } = readSafetensors(bytes, WEIGHTS_FILE);
  const { 'latent.mean': mean, 'latent.std': std, ...weights } = tensors;
  const known = [FORMAT, COMPOSITION_FORMAT].includes(metadata['format'] ?? '');
  if (!known || !mean || !std) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', 'the file holds no energy surrogate', { file: WEIGHTS_FILE });
  }
  const { shape, energyMean, energyStd, elements = null } = JSON.parse(metadata['description'] ?? '{}') as Description;
  // Its random start is replaced at once.
  const network = new EnergyNetwork(shape, Rng.from('overwritten'));
  network.parameters.load(weights);
  const latentMean = Float32Array.from(mean.data);
  const latentStd = Float32Array.from(std.data);
  return { network, scale: { latentMean, latentStd, energyMean, energyStd }, elements };
}
