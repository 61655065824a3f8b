import { canonicalCell } from '../../../lib/crystal/canonical-cell.js';
import { atomFeatures, ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { inverse } from '../../../lib/crystal/lattice.js';
import { primitiveCell } from '../../../lib/crystal/symmetry.js';
import type { Crystal, Mat3 } from '../../../schemas/crystal.js';
import { type PeriodicCell, pairLength, periodicCell, sumPairBasis } from './graph.js';
import { latticeTarget } from './lattice-target.js';
import type { CdvaeOptions } from './options.js';

/** A cell with the species in it: what is fixed while coordinates move. */
export interface OccupiedCell {
  cell: PeriodicCell;
  /** Lattice (rows, A) and its inverse: Cartesian = frac . lattice. */
  lattice: Mat3;
  inverse: Mat3;
  /** Six lattice numbers, not standardised. */
  target: Float64Array;
  /** n x ELEMENT_FEATURES. */
  features: Float32Array;
}

export function occupiedCell(lattice: Mat3, species: readonly string[], neighbours: number): OccupiedCell {
  const n = species.length;
  return {
    cell: periodicCell(lattice, n, neighbours),
    lattice,
    inverse: inverse(lattice),
    target: latticeTarget(lattice, n),
    features: atomFeatures(species),
  };
}

/** A crystal in its reduced cell with the geometry that the encoder reads, computed once. */
export interface PreparedCrystal extends OccupiedCell {
  /** The reduced cell's crystal. */
  crystal: Crystal;
  n: number;
  /** Fractional coordinates, 3n. */
  frac: Float64Array;
  /** Basis sums, ANGULAR x n x n x R. */
  pairs: Float32Array;
}

/** The cell in which the networks see a crystal. */
export function reducedCell(crystal: Crystal, { cell, symprec }: Pick<CdvaeOptions, 'symprec' | 'cell'>): Crystal {
  return cell === 'niggli' ? canonicalCell(crystal, symprec) : primitiveCell(crystal, symprec);
}

export function prepareCrystal(
  crystal: Crystal,
  options: Pick<CdvaeOptions, 'symprec' | 'neighbours' | 'radialFunctions' | 'cell'>,
): PreparedCrystal {
  const reduced = reducedCell(crystal, options);
  const n = reduced.species.length;
  const occupied = occupiedCell(reduced.lattice, reduced.species, options.neighbours);
  const frac = Float64Array.from(reduced.frac.flat());
  const pairs = new Float32Array(n * n * pairLength(options.radialFunctions));
  sumPairBasis(occupied.cell, frac, options.radialFunctions, pairs, 0);
  return { ...occupied, crystal: reduced, n, frac, pairs };
}

/** Mean of the atoms' features, which says the composition. */
export function compositionFeatures(features: Float32Array): Float32Array {
  const n = features.length / ELEMENT_FEATURES;
  const out = new Float32Array(ELEMENT_FEATURES);
  for (let i = 0; i < features.length; i++)
    out[i % ELEMENT_FEATURES] = (out[i % ELEMENT_FEATURES] as number) + (features[i] as number) / n;
  return out;
}
