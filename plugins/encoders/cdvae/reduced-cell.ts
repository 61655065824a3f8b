import { inverse, multiply, rowTimes, wrap } from '../../../lib/crystal/lattice.js';
import { niggliTransformation } from '../../../lib/crystal/niggli.js';
import { primitiveCell } from '../../../lib/crystal/symmetry.js';
import type { Crystal, Mat3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';

/** Niggli conditions that hold within these shares of the cell count as equalities: tightest first. */
const TOLERANCES = [1e-3, 1e-2, 1e-4];

/** Relaxed cells are nearly special; a loose tolerance keeps them from falling now on this, now on that side. */
function niggliSteps(lattice: Mat3): Mat3 {
  for (const [attempt, tolerance] of TOLERANCES.entries()) {
    try {
      return niggliTransformation(lattice, tolerance);
    } catch (error) {
      const last = attempt === TOLERANCES.length - 1;
      if (last || !(error instanceof LcomsError) || error.code !== 'LCOMS_E_CRYSTAL') throw error;
    }
  }
  throw new LcomsError('LCOMS_E_INTERNAL', 'no tolerance to reduce a cell with');
}

/**
 * The cell that the networks see: primitive, then Niggli-reduced. One crystal has one such cell whatever cell it was
 * given in, so supercells and other choices of base vectors get the same latent.
 *
 * @param symprec tolerance of the search for the primitive cell, A
 * @throws LcomsError LCOMS_E_CRYSTAL for a flat lattice or coordinates that are no numbers
 */
export function reducedCell(crystal: Crystal, symprec: number): Crystal {
  const primitive = primitiveCell(crystal, symprec);
  const steps = niggliSteps(primitive.lattice);
  const back = inverse(steps).map((row) => row.map(Math.round)) as Mat3;
  return {
    ...primitive,
    lattice: multiply(steps, primitive.lattice),
    frac: wrap(primitive.frac.map((f) => rowTimes(f, back))),
  };
}
