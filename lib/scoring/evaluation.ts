import type { Crystal } from '../../schemas/crystal.js';
import type { LcomsError } from '../../schemas/errors.js';

/** GPa in one eV/A^3 (CODATA 2018 elementary charge). */
export const GPA_PER_EV_A3 = 160.21766208;

/**
 * Energy and its derivatives for one crystal of n atoms.
 *
 * - `energy`: eV, whole cell.
 * - `forces`: 3n, eV/A, Cartesian, atom by atom.
 * - `stress`: 9, row-major, GPa; (1/V) dE/d(strain), so it is positive where the cell wants to contract (pymatgen's and
 *   CHGNet's sign).
 */
export interface Evaluation {
  energy: number;
  forces: Float64Array;
  stress: Float64Array;
}

/** Evaluates crystals together; a crystal that can't be evaluated gives its own error and does not disturb the rest. */
export type EvaluateMany = (crystals: Crystal[]) => Promise<(Evaluation | LcomsError)[]>;

/** Largest norm of an atom's force, eV/A; NaN when any component is. */
export function maxForce(forces: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < forces.length; i += 3) {
    const norm = Math.hypot(forces[i] as number, forces[i + 1] as number, forces[i + 2] as number);
    if (Number.isNaN(norm)) return Number.NaN;
    if (norm > largest) largest = norm;
  }
  return largest;
}

/** Largest absolute component of a stress tensor, GPa; NaN when any component is. */
export function maxStress(stress: Float64Array): number {
  let largest = 0;
  for (const component of stress) {
    if (Number.isNaN(component)) return Number.NaN;
    largest = Math.max(largest, Math.abs(component));
  }
  return largest;
}

/** Pressure of a crystal on its surroundings, GPa: minus a third of the stress's trace. */
export function pressureOf(stress: Float64Array): number {
  return -((stress[0] as number) + (stress[4] as number) + (stress[8] as number)) / 3;
}
