import { inverse } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import { periodicCell } from './graph.js';
import { type LatticeScale, standardise, symmetricLattice, targetFromStandardised } from './lattice-target.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell } from './prepared-crystal.js';

/**
 * Standard deviations of the noise on standardised lattice numbers (their own is 1) that go with the largest and the
 * smallest noise on coordinates. The diffusion is about the regressed lattice, so the largest need only cover what that
 * leaves open, 0.04 to 0.15: 0.3, strains of 0.06, does. More blurs bond lengths, and with them what the atoms' scores
 * can be told from; so does a smallest one that is not well below the smallest noise on coordinates
 * (docs/experiments.md).
 */
const LARGEST = 0.3;
const SMALLEST = 0.02;
/** Standard deviation of clean lattice numbers about the regressed ones, taken for {@link denoising}. */
const SPREAD = 0.2;
/** Part of the noise of ancestral sampling that is drawn: halves the error of volumes and takes no match (docs/experiments.md). */
const TEMPERATURE = 0.5;

type NoiseRange = Pick<CdvaeOptions, 'noiseMax' | 'noiseMin'>;

/** Noise on standardised lattice numbers beside `sigma` (A) on coordinates: a power of it, none without any, at most {@link LARGEST}. */
export function latticeNoise(sigma: number, { noiseMax, noiseMin }: NoiseRange): number {
  if (sigma === 0) return 0;
  const power = noiseMax === noiseMin ? 1 : Math.log(LARGEST / SMALLEST) / Math.log(noiseMax / noiseMin);
  return Math.min(LARGEST, LARGEST * (sigma / noiseMax) ** power);
}

/** Coefficients of a denoised number: skip x noisy + (1 - skip) x regressed + gain x the network's output. */
export interface Denoising {
  skip: number;
  gain: number;
}

/**
 * How a clean number follows from the noisy one y = x + s N, the regressed one m and a network's output of order one:
 * were x normal about m with deviation d, skip = d^2 / (s^2 + d^2) alone would give its mean, and gain = s d / sqrt(s^2 +
 * d^2) is what is then left open (Karras et al. 2022, arXiv:2206.00364, with m for the data's mean). The score of y is
 * (x - y) / s^2.
 */
export function denoising(s: number): Denoising {
  const variance = s ** 2 + SPREAD ** 2;
  return { skip: SPREAD ** 2 / variance, gain: (s * SPREAD) / Math.sqrt(variance) };
}

export const denoised = ({ skip, gain }: Denoising, noisy: number, regressed: number, output: number): number =>
  skip * noisy + (1 - skip) * regressed + gain * output;

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

/**
 * Standardised lattice numbers one noise level down (ancestral sampling of the variance-exploding diffusion; Song et al.
 * 2021, arXiv:2011.13456, appendix F): y' = x + (s'/s)^2 (y - x) + t s' sqrt(1 - (s'/s)^2) N, with x the clean ones as
 * they are thought to be and t the {@link TEMPERATURE}. A step a level and no Langevin steps at it, as in DiffCSP (Jiao et al. 2023): at small levels these
 * go where the scores of a network are zero, which an error in them moves by many times itself.
 */
export function stepDown(
  noisy: Float64Array,
  clean: Float64Array,
  [from, to]: readonly [number, number],
  rng: Rng,
): Float64Array {
  const left = (to / from) ** 2;
  const between = clean.map((x, k) => x + left * ((noisy[k] as number) - x));
  return to > 0 ? noisyNumbers(between, TEMPERATURE * to * Math.sqrt(1 - left), rng) : between;
}
