import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateModel, SurrogateTrainingData } from '../../contract/surrogate.js';

export type Scale = SurrogateModel['scale'];

/**
 * A dimension that hardly varies is not blown up to unit variance: its std counts as at least this part of the largest
 * one. A unit in which the encoder says nothing would otherwise rule the distances.
 */
const LEAST_STD = 1e-3;
/** eV/atom; so that energies which are all equal do not divide by zero. */
const LEAST_ENERGY_STD = 1e-6;

/**
 * Means and standard deviations of the training split, per latent dimension and of the energies (population formula).
 *
 * @throws LcomsError LCOMS_E_DATA_EMPTY without a training row; LCOMS_E_INPUT for values that are not finite or lengths
 * that do not fit.
 */
export function fitScale(data: SurrogateTrainingData): Scale {
  checkRows(data, 'train');
  checkRows(data, 'validation');
  const { dimension: d, train, targets } = data;
  const n = targets.train.length;
  if (n === 0) throw new LcomsError('LCOMS_E_DATA_EMPTY', 'a surrogate needs at least one training row');
  const mean = new Float64Array(d);
  const variance = new Float64Array(d);
  train.forEach((x, at) => {
    mean[at % d] = (mean[at % d] as number) + x / n;
  });
  train.forEach((x, at) => {
    variance[at % d] = (variance[at % d] as number) + (x - (mean[at % d] as number)) ** 2 / n;
  });
  const largest = Math.sqrt(variance.reduce((a, b) => Math.max(a, b), 0));
  const floor = largest > 0 ? LEAST_STD * largest : 1;
  const energyMean = targets.train.reduce((sum, e) => sum + e / n, 0);
  const energyVariance = targets.train.reduce((sum, e) => sum + (e - energyMean) ** 2 / n, 0);
  return {
    latentMean: Float32Array.from(mean),
    latentStd: Float32Array.from(variance, (v) => Math.max(Math.sqrt(v), floor)),
    energyMean,
    energyStd: Math.max(Math.sqrt(energyVariance), LEAST_ENERGY_STD),
  };
}

/** Energies (eV/atom) in standard deviations from the training mean. */
export function standardiseEnergies(energies: Float64Array, { energyMean, energyStd }: Scale): Float32Array {
  return Float32Array.from(energies, (e) => (e - energyMean) / energyStd);
}

function checkRows(data: SurrogateTrainingData, split: 'train' | 'validation'): void {
  const latents = data[split];
  const energies = data.targets[split];
  if (latents.length !== energies.length * data.dimension) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `${split}: ${latents.length} latent values are not ${energies.length} rows of dimension ${data.dimension}`,
    );
  }
  const latent = latents.findIndex((x) => !Number.isFinite(x));
  const energy = energies.findIndex((x) => !Number.isFinite(x));
  if (latent < 0 && energy < 0) return;
  const row = latent < 0 ? energy : Math.floor(latent / data.dimension);
  throw new LcomsError('LCOMS_E_INPUT', `${split}: row ${row} holds a value that is not finite`);
}
