import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { canonicalCell } from './canonical-cell.js';
import { symmetrisedCell } from './symmetrise.js';
import { rotations, symmetry } from './symmetry.js';

/** A: what counts as symmetry that a crystal has, rather than nearly has. */
const EXACT = 0.01;

/** Symmetry operations per atom: grows with the point group, and falls with the number of atoms of the primitive cell. */
const operationsPerAtom = (c: Crystal): number => rotations(c, EXACT).length / c.species.length;

/**
 * The crystal moved onto the symmetry that it has within `tolerance` (A), lattice and atoms, in its Niggli cell, which holds fewer
 * atoms than the one given where that repeats itself. null where nothing is to be gained: no symmetry but translations, atoms
 * (or images of one) within three times the tolerance of each other, for which moyo is not asked, a flat cell, or one that has
 * no more symmetry within 0.01 A when moved than it had.
 */
export function snapped(c: Crystal, tolerance: number): Crystal | null {
  try {
    if (symmetry(c, tolerance).number === 1) return null;
    const cell = canonicalCell(symmetrisedCell(c, 'primitive', tolerance), EXACT);
    return operationsPerAtom(cell) > operationsPerAtom(c) ? cell : null;
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_CRYSTAL') return null;
    throw error;
  }
}
