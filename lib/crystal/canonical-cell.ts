import type { Crystal } from '../../schemas/crystal.js';
import { wrap } from './lattice.js';
import { niggliReduce } from './niggli.js';
import { primitiveCell } from './symmetry.js';

/**
 * The cell in which models see a crystal: primitive, then Niggli reduced, coordinates in [0, 1). One physical crystal,
 * one cell, whatever supercell it came in. Energies per atom are kept.
 * @param symprec A; looser than usual, because relaxed crystals are symmetric only to a few hundredths of an A.
 */
export function canonicalCell(crystal: Crystal, symprec = 0.05): Crystal {
  const reduced = niggliReduce(primitiveCell(crystal, symprec));
  return { ...reduced, frac: wrap(reduced.frac) };
}
