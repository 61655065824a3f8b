import type { Crystal } from '../../schemas/crystal.js';
import { linearAssignment } from './assignment.js';
import { elementDistance, substitute } from './substitution.js';

export interface Relabelling {
  /** The template with the wanted atoms on its sites, its volume scaled by the sums of cubed covalent radii. */
  crystal: Crystal;
  /** Mean over the atoms of how unlike the elements are that trade places. */
  cost: number;
}

/**
 * Puts the wanted atoms on the sites of a crystal with as many atoms, whatever its stoichiometry, so that the elements
 * that trade places are as alike as can be. Where an element's sites are shared between two, which site gets which
 * follows the order of the sites.
 * @param species one symbol an atom, n of them, in any order
 * @returns null when the numbers of atoms differ
 */
export function relabel(template: Crystal, species: readonly string[]): Relabelling | null {
  const n = template.species.length;
  if (species.length !== n) return null;
  const cost = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      cost[i * n + j] = elementDistance(template.species[i] as string, species[j] as string);
    }
  }
  const places = linearAssignment(cost, n);
  const taken = Array.from(places, (j) => species[j] as string);
  const total = places.reduce((sum, j, i) => sum + (cost[i * n + j] as number), 0);
  return { crystal: substitute(template, (_, i) => taken[i] as string), cost: total / n };
}
