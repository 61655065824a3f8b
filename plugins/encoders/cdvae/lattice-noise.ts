import { inverse } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import { periodicCell } from './graph.js';
import { type LatticeScale, standardise, symmetricLattice, targetFromStandardised } from './lattice-target.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell } from './prepared-crystal.js';

/**
 * Standard deviations of the noise on standardised lattice numbers that go with the largest and the smallest noise on
 * coordinates. At the largest a cell is as likely to be that of any other crystal (the numbers' own deviation is 1); the
 * smallest is about the part of a cell that is lost in the smallest noise on its atoms.
 */
const LARGEST = 1;
const SMALLEST = 0.05;

type NoiseRange = Pick<CdvaeOptions, 'noiseMax' | 'noiseMin'>;

/** Noise on standardised lattice numbers beside `sigma` (A) on coordinates: a power of it, none without any, at most {@link LARGEST}. */
export function latticeNoise(sigma: number, { noiseMax, noiseMin }: NoiseRange): number {
  if (sigma === 0) return 0;
  const power = noiseMax === noiseMin ? 1 : Math.log(LARGEST / SMALLEST) / Math.log(noiseMax / noiseMin);
  return Math.min(LARGEST, LARGEST * (sigma / noiseMax) ** power);
}

/**
 * How the clean number x follows from the noisy one y = x + s N and a network's output F of order one, and back (Karras
 * et al. 2022, arXiv:2206.00364, with data of variance 1): x = y / (1 + s^2) + F s / sqrt(1 + s^2). The score of y is
 * (x - y) / s^2.
 */
export const cleanNumber = (noisy: number, output: number, s: number): number =>
  noisy / (1 + s * s) + (output * s) / Math.hypot(1, s);

/** The output that gives the clean number: see {@link cleanNumber}. */
export const denoiserTarget = (noisy: number, clean: number, s: number): number =>
  ((clean - noisy / (1 + s * s)) * Math.hypot(1, s)) / s;

/** Standardised lattice numbers plus normal noise of standard deviation `s`. */
export function noisyNumbers(numbers: Float64Array, s: number, rng: Rng): Float64Array {
  const noise = rng.fillNormal(new Float64Array(numbers.length));
  return numbers.map((x, k) => x + s * (noise[k] as number));
}

/**
 * A crystal's species in the cell of other standardised lattice numbers, held near the data (see
 * {@link targetFromStandardised}), as a symmetric matrix: the Cartesian frame in which the denoiser reads directions.
 */
export function cellOfNumbers(
  numbers: ArrayLike<number>,
  features: Float32Array,
  n: number,
  scale: LatticeScale,
  neighbours: number,
): OccupiedCell {
  const target = targetFromStandardised(numbers, scale);
  const lattice = symmetricLattice(target, n);
  return { cell: periodicCell(lattice, n, neighbours), lattice, inverse: inverse(lattice), target, features };
}

/** Standardised lattice numbers of a cell. */
export const numbersOf = (cell: Pick<OccupiedCell, 'target'>, scale: LatticeScale): Float64Array =>
  standardise(cell.target, scale);
