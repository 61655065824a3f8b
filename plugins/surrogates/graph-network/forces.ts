import { determinant } from '../../../lib/crystal/lattice.js';
import type { NeighbourList } from '../../../lib/crystal/pair-search.js';
import { radialBasisSlope } from '../../../lib/crystal/radial-basis.js';
import { GPA_PER_EV_A3 } from '../../../lib/scoring/evaluation.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { type GraphOptions, MESSAGE_SCALE } from './graph.js';

/**
 * Forces (3n, eV/A) and stress (9, GPa) from the gradient of an energy (eV) with respect to the pair sums of a graph: along
 * each edge the slope of its radial functions, once for its two atoms, once for the strain of the cell.
 *
 * @param gradients n x n x radialFunctions from `offset` on
 */
export function forcesAndStress(
  crystal: Crystal,
  edges: NeighbourList,
  { cutoff, radialFunctions: R, envelopeExponent }: GraphOptions,
  gradients: ArrayLike<number>,
  offset: number,
): { forces: Float64Array; stress: Float64Array } {
  const n = crystal.species.length;
  const forces = new Float64Array(3 * n);
  const stress = new Float64Array(9);
  const perVolume = GPA_PER_EV_A3 / Math.abs(determinant(crystal.lattice));
  for (let e = 0; e < edges.count; e++) {
    const [i, j] = [edges.source[e] as number, edges.target[e] as number];
    const distance = edges.distance[e] as number;
    // Two atoms on one spot have no direction.
    if (distance < 1e-9) continue;
    const at = offset + (i * n + j) * R;
    const slope = (MESSAGE_SCALE * radialBasisSlope(distance / cutoff, R, envelopeExponent, gradients, at)) / cutoff;
    for (let k = 0; k < 3; k++) {
      const along = (slope * (edges.vector[3 * e + k] as number)) / distance;
      forces[3 * i + k] = (forces[3 * i + k] as number) + along;
      forces[3 * j + k] = (forces[3 * j + k] as number) - along;
      for (let l = 0; l < 3; l++)
        stress[3 * k + l] = (stress[3 * k + l] as number) + perVolume * along * (edges.vector[3 * e + l] as number);
    }
  }
  return { forces, stress };
}
