import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { CrystalBatch } from './encoder.js';
import { type LatticeScale, standardise } from './lattice-target.js';
import { messageMatrices } from './messages.js';
import { compositionFeatures, type OccupiedCell } from './prepared-crystal.js';

/**
 * Crystals as tensors, in which every layer is a plain matrix product. Training and encoding batch them by size, so that
 * nothing is padded; smaller ones among C crystals of at most n atoms are followed by atoms without features or pairs,
 * which no other atom sees.
 *
 * @param cells C cells of n atoms each, or fewer
 * @param pairs basis sums of all of them in rooms for n atoms, one after the other (see sumPairBasis)
 */
export function crystalBatch(
  cells: readonly OccupiedCell[],
  pairs: Float32Array,
  radialFunctions: number,
  scale: LatticeScale,
): CrystalBatch {
  const n = largest(cells);
  return { geometry: messageMatrices(pairs, cells.length, n, radialFunctions), ...stillPart(cells, scale) };
}

/** Number of atoms of the largest. */
export const largest = (cells: readonly OccupiedCell[]): number => Math.max(...cells.map(({ cell }) => cell.n));

/** What of a batch does not move with the atoms. */
export function stillPart(cells: readonly OccupiedCell[], scale: LatticeScale): Omit<CrystalBatch, 'geometry'> {
  const n = largest(cells);
  const count = cells.length;
  const features = new Float32Array(count * n * ELEMENT_FEATURES);
  const shares = new Float32Array(count * n);
  cells.forEach((cell, c) => {
    features.set(cell.features, c * n * ELEMENT_FEATURES);
    shares.fill(1 / cell.cell.n, c * n, c * n + cell.cell.n);
  });
  return {
    atoms: tf.tensor2d(features, [count * n, ELEMENT_FEATURES]),
    lattice: latticeNumbers(cells, scale),
    shares: tf.tensor3d(shares, [count, n, 1]),
  };
}

/** Standardised lattice numbers, [C, 6]. */
export function latticeNumbers(cells: readonly OccupiedCell[], scale: LatticeScale): tf.Tensor2D {
  const lattice = new Float32Array(cells.length * 6);
  cells.forEach((cell, c) => {
    lattice.set(standardise(cell.target, scale), c * 6);
  });
  return tf.tensor2d(lattice, [cells.length, 6]);
}

/** Mean element features of each crystal, [C, ELEMENT_FEATURES]. */
export function compositions(features: readonly Float32Array[]): tf.Tensor2D {
  const out = new Float32Array(features.length * ELEMENT_FEATURES);
  features.forEach((atoms, c) => {
    out.set(compositionFeatures(atoms), c * ELEMENT_FEATURES);
  });
  return tf.tensor2d(out, [features.length, ELEMENT_FEATURES]);
}

/** Basis sums of several crystals of one size, one after the other. */
export function joinPairs(pairs: readonly Float32Array[]): Float32Array {
  const length = pairs[0]?.length ?? 0;
  const out = new Float32Array(length * pairs.length);
  pairs.forEach((p, c) => {
    out.set(p, c * length);
  });
  return out;
}
