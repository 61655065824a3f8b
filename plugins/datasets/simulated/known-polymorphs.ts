import type { Crystal } from '../../../schemas/crystal.js';
import { binary26Polymorphs } from './binary26.js';

/**
 * Polymorphs of a reduced formula that come with lcoms, lowest first by the scorer that relaxed them; empty where none
 * are known. Relax them again with the scorer in use: their energies belong to the one named in their rows.
 */
export async function knownPolymorphs(formula: string): Promise<{ name: string; crystal: Crystal }[]> {
  return binary26Polymorphs()
    .filter((row) => row.formula === formula)
    .map(({ prototype, lattice, species, frac }) => ({ name: prototype, crystal: { lattice, species, frac } }));
}
