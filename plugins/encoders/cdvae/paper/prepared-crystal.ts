import { canonicalCell } from '../../../../lib/crystal/canonical-cell.js';
import { inverse } from '../../../../lib/crystal/lattice.js';
import type { Crystal, Mat3 } from '../../../../schemas/crystal.js';
import { type DimenetGraph, dimenetGraph } from '../dimenet/graph.js';
import { latticeNumbers, logVolumePerAtom } from './lattice-parameters.js';
import { dimenetOptions, type PaperOptions } from './options.js';

/** A crystal in its primitive Niggli cell with all that training and encoding read of it, computed once. */
export interface PaperCrystal {
  n: number;
  /** Rows, A, and its inverse. */
  lattice: Mat3;
  inverse: Mat3;
  species: readonly string[];
  /** 3n. */
  frac: Float64Array;
  /** What the encoder reads. */
  graph: DimenetGraph;
  /** Six lattice numbers, not standardised. */
  numbers: Float64Array;
  /** Of the volume per atom, A^3. */
  logVolume: number;
}

export function preparePaperCrystal(crystal: Crystal, options: PaperOptions): PaperCrystal {
  const { lattice, species, frac } = canonicalCell(crystal, options.symprec);
  const n = species.length;
  return {
    n,
    lattice,
    inverse: inverse(lattice),
    species,
    frac: Float64Array.from(frac.flat()),
    graph: dimenetGraph({ lattice, species, frac }, dimenetOptions(options)),
    numbers: latticeNumbers(lattice, n, options.latticeTarget),
    logVolume: logVolumePerAtom(lattice, n),
  };
}
