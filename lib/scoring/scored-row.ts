import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ScorerIdentity } from '../../schemas/score.js';
import { compositionOf, reducedFormula } from '../crystal/composition.js';
import type { OffMinimum } from '../crystal/io/rows.js';
import { type Evaluation, maxForce } from './evaluation.js';

/** A crystal with its energy, as a row of a data set; the members that the embedded set has, and who judged. */
export interface ScoredRow {
  id: string;
  /** Reduced. */
  formula: string;
  species: string[];
  /** Rows, A. */
  lattice: Mat3;
  frac: Vec3[];
  /** Total energy by `scorer`, eV/atom. */
  energyPerAtom: number;
  /** Largest norm of an atom's force, eV/A: how far from a minimum of the scorer the crystal is. */
  maxForce: number;
  scorer: ScorerIdentity;
  /** Given where the crystal was moved off a minimum on purpose, with the id of that and how. */
  offMinimum?: true;
  from?: string;
  perturbation?: string;
}

/**
 * The row of a crystal that was evaluated as it is. Energy and force are rounded to six decimals, as in the embedded set:
 * the scorers compute in single precision.
 * @throws LcomsError LCOMS_E_CRYSTAL when the energy or a force is not finite.
 */
export function scoredRow(
  { id, crystal, offMinimum }: { id: string; crystal: Crystal; offMinimum?: OffMinimum },
  evaluation: Evaluation,
  scorer: ScorerIdentity,
): ScoredRow {
  const { species, lattice, frac } = crystal;
  const energyPerAtom = evaluation.energy / species.length;
  const force = maxForce(evaluation.forces);
  if (!Number.isFinite(energyPerAtom) || !Number.isFinite(force)) {
    throw new LcomsError('LCOMS_E_CRYSTAL', `the scorer gave the energy ${energyPerAtom} and the force ${force}`);
  }
  return {
    id,
    formula: reducedFormula(compositionOf(species)),
    species,
    lattice,
    frac,
    energyPerAtom: Number(energyPerAtom.toFixed(6)),
    maxForce: Number(force.toFixed(6)),
    scorer,
    ...(offMinimum && { offMinimum: true, ...offMinimum }),
  };
}
