import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { inverse, multiply, rowTimes, volume } from '../crystal/lattice.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../scoring/evaluation.js';

/** What of the cell may move: all of it, its shape at constant volume, or nothing. */
export const CELL_FREEDOMS = ['free', 'volume', 'fixed'] as const;
export type CellFreedom = (typeof CELL_FREEDOMS)[number];

/**
 * Atoms and cell as one vector of 3n + 9 coordinates, after ASE's UnitCellFilter: the cell's part is n times the strain,
 * its force the virial over n, so both parts are of like size (A, eV/A) and relax at a like pace. The strain is
 * symmetric and counted from the present cell, not from the first one, so the cell does not rotate and no step is
 * distorted by an earlier one.
 *
 * @param pressure external, GPa: the forces are then those of the enthalpy E + pV, zero where the stress is -p
 * @param cell `volume` leaves the traceless part of the cell's force, `fixed` none of it
 */
export function generalizedForces(
  crystal: Crystal,
  evaluation: Evaluation,
  pressure = 0,
  cell: CellFreedom = 'free',
): Float64Array {
  const n = crystal.species.length;
  const out = new Float64Array(3 * n + 9);
  out.set(evaluation.forces);
  if (cell === 'fixed') return out;
  const scale = -volume(crystal.lattice) / GPA_PER_EV_A3 / n;
  const { stress: s } = evaluation;
  const hydrostatic = cell === 'free' ? -pressure : ((s[0] as number) + (s[4] as number) + (s[8] as number)) / 3;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const stress = ((s[3 * i + j] as number) + (s[3 * j + i] as number)) / 2;
      out[3 * n + 3 * i + j] = scale * (hydrostatic !== 0 && i === j ? stress - hydrostatic : stress);
    }
  }
  return out;
}

/** The crystal after a displacement of its 3n + 9 coordinates. */
export function displaced(crystal: Crystal, step: Float64Array): Crystal {
  const n = crystal.species.length;
  const toFrac = inverse(crystal.lattice);
  const frac = crystal.frac.map((f, i): Vec3 => {
    const d = rowTimes([step[3 * i] as number, step[3 * i + 1] as number, step[3 * i + 2] as number], toFrac);
    return [f[0] + d[0], f[1] + d[1], f[2] + d[2]];
  });
  const strain = (i: number, j: number): number => (i === j ? 1 : 0) + (step[3 * (n + i) + j] as number) / n;
  const deformation = [0, 1, 2].map((i) => [strain(i, 0), strain(i, 1), strain(i, 2)]) as Mat3;
  return { lattice: multiply(crystal.lattice, deformation), species: crystal.species, frac };
}

/** The same crystal with its cell scaled to a volume, A^3; fractional coordinates stay. */
export function withVolume(crystal: Crystal, target: number): Crystal {
  const scale = Math.cbrt(target / volume(crystal.lattice));
  return { ...crystal, lattice: crystal.lattice.map((row) => row.map((x) => x * scale)) as Mat3 };
}
