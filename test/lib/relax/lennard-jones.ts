import { volume } from '../../../lib/crystal/lattice.js';
import { neighbourList } from '../../../lib/crystal/neighbours.js';
import { type EvaluateMany, type Evaluation, GPA_PER_EV_A3 } from '../../../lib/scoring/evaluation.js';
import type { Crystal } from '../../../schemas/crystal.js';

const EPSILON = 0.4;
const SIGMA = 2.6;
const CUTOFF = 7;

/** Energy (eV) and its derivative by distance (eV/A) of a pair, both brought to zero at the cutoff. */
function pair(r: number): [number, number] {
  const bare = (d: number): [number, number] => {
    const s6 = (SIGMA / d) ** 6;
    return [4 * EPSILON * (s6 * s6 - s6), (4 * EPSILON * (6 * s6 - 12 * s6 * s6)) / d];
  };
  const [e, slope] = bare(r);
  const [e0, slope0] = bare(CUTOFF);
  return [e - e0 - (r - CUTOFF) * slope0, slope - slope0];
}

/** A Lennard-Jones crystal, the same between all elements: a landscape that costs nothing. Test double, no judge. */
export function lennardJones(crystal: Crystal): Evaluation {
  const { count, source, target, vector, distance } = neighbourList(crystal, CUTOFF);
  const forces = new Float64Array(3 * crystal.species.length);
  const stress = new Float64Array(9);
  let energy = 0;
  for (let p = 0; p < count; p++) {
    const r = distance[p] as number;
    const [e, slope] = pair(r);
    energy += e / 2;
    for (let i = 0; i < 3; i++) {
      const along = ((vector[3 * p + i] as number) / r) * (slope / 2);
      // Towards the target where the energy rises with distance; each pair comes twice, once from either end.
      forces[3 * (source[p] as number) + i]! += along;
      forces[3 * (target[p] as number) + i]! -= along;
      for (let j = 0; j < 3; j++) stress[3 * i + j]! += along * (vector[3 * p + j] as number);
    }
  }
  const scale = GPA_PER_EV_A3 / volume(crystal.lattice);
  return { energy, forces, stress: stress.map((x) => x * scale) };
}

export const lennardJonesMany: EvaluateMany = async (crystals) => crystals.map(lennardJones);
