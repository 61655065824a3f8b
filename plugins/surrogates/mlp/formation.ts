import type { NamedTensors } from '../../../lib/tensor/safetensors.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';
import type { MlpOptions } from './options.js';

/** eV/atom; so that energies which are all equal do not divide by zero. */
const LEAST_STD = 1e-6;

/** Targets of the second output, standardised by the training rows' mean and `std` (eV/atom), and the weight of its error. */
export interface FormationRows {
  energies: Float32Array;
  std: number;
  weight: number;
}

/**
 * What the second output learns; null without one.
 * @throws LcomsError LCOMS_E_INPUT when the data have no formation energies beside their targets
 */
export function formationRows(
  { formation, targets }: SurrogateTrainingData,
  { formationWeight }: Pick<MlpOptions, 'formationWeight'>,
): FormationRows | null {
  if (formationWeight === undefined) return null;
  const n = targets.train.length;
  if (formation?.length !== n || !formation.every(Number.isFinite)) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      'formationWeight needs formation energies beside the targets, which the data do not give',
      {
        hint: 'Leave it out where the targets are formation energies, or set `steps: {prepare-data: {energyTarget: above-composition}}`.',
      },
    );
  }
  const mean = formation.reduce((sum, e) => sum + e / n, 0);
  const std = Math.max(Math.sqrt(formation.reduce((sum, e) => sum + (e - mean) ** 2 / n, 0)), LEAST_STD);
  return { energies: Float32Array.from(formation, (e) => (e - mean) / std), std, weight: formationWeight };
}

/** The weights that a model needs: those of the second output are of training alone. */
export const energyWeights = (weights: NamedTensors): NamedTensors =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('formation.')));
