import { LcomsError } from '../../../schemas/errors.js';
import type { PluginContext } from '../../contract/context.js';
import type { StructureTrainingData } from '../../contract/surrogate.js';
import { type Row, trainingRows } from '../../training/training-rows.js';
import { type CrystalGraph, crystalGraph } from './graph.js';
import type { GraphNetworkOptions } from './options.js';

/** A crystal's graph and its energy, standardised. */
export type EnergyRow = Row<CrystalGraph>;

export interface Rows {
  train: EnergyRow[];
  validation: EnergyRow[];
  /** Of the training targets, eV/atom. */
  energyMean: number;
  energyStd: number;
  /** Of the training crystals, sorted. */
  elements: string[];
}

/** eV/atom; so that energies which are all equal do not divide by zero. */
const LEAST_ENERGY_STD = 1e-6;

/**
 * Graphs and standardised energies of the training and validation crystals.
 * @throws LcomsError LCOMS_E_DATA_EMPTY without training crystals, LCOMS_E_INPUT naming a crystal whose energy is not a
 *   number, or when the best epoch is wanted without validation crystals; LCOMS_E_ELEMENT_UNKNOWN
 */
export async function trainingData(
  data: StructureTrainingData,
  options: GraphNetworkOptions,
  context: PluginContext,
): Promise<Rows> {
  checkTargets(data, 'train');
  checkTargets(data, 'validation');
  if (data.train.length === 0)
    throw new LcomsError('LCOMS_E_DATA_EMPTY', 'surrogate/graph-network has no crystals to train on');
  if (options.keep === 'best' && data.validation.length === 0)
    throw new LcomsError('LCOMS_E_INPUT', 'keep: best needs validation crystals; there are none', {
      hint: 'Give the data a validation split (steps.prepare-data.validationFraction; at least two formulas), or use keep: last.',
    });
  const { train: targets } = data.targets;
  const energyMean = targets.reduce((sum, e) => sum + e, 0) / targets.length;
  const variance = targets.reduce((sum, e) => sum + (e - energyMean) ** 2, 0) / targets.length;
  const energyStd = Math.max(Math.sqrt(variance), LEAST_ENERGY_STD);
  const standardised = (energies: Float64Array) => energies.map((e) => (e - energyMean) / energyStd);
  const elements = new Set<string>();
  const { train, validation } = await trainingRows(
    {
      train: data.train,
      validation: data.validation,
      targets: { train: standardised(targets), validation: standardised(data.targets.validation) },
    },
    options,
    context,
    (crystal) => crystalGraph(crystal, options),
  );
  if (train.length === 0)
    throw new LcomsError('LCOMS_E_DATA_EMPTY', `no training crystal has at most ${options.maxAtoms} atoms (maxAtoms)`);
  for (const { crystal } of train) for (const e of crystal.species) elements.add(e);
  return { train, validation, energyMean, energyStd, elements: [...elements].sort() };
}

function checkTargets(data: StructureTrainingData, split: 'train' | 'validation'): void {
  const crystals = data[split];
  const energies = data.targets[split];
  if (crystals.length !== energies.length)
    throw new LcomsError('LCOMS_E_INPUT', `${split}: ${energies.length} energies for ${crystals.length} crystals`);
  const bad = energies.findIndex((e) => !Number.isFinite(e));
  if (bad >= 0)
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `${split}: the energy of crystal ${crystals[bad]?.id ?? bad} is ${energies[bad]}, not a finite number`,
    );
}
