import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Row } from '../../training/training-rows.js';
import { corrupt } from './corruption.js';
import { compositions, crystalBatch, joinPairs } from './crystal-batch.js';
import { pairLength, sumPairBasis } from './graph.js';
import { cellOfNumbers, denoising, latticeNoise, noisyNumbers, numbersOf } from './lattice-noise.js';
import type { LatticeScale } from './lattice-target.js';
import type { LossInputs } from './loss.js';
import { noiseCoordinate, noiseLevels } from './noise.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell, PreparedCrystal } from './prepared-crystal.js';

export type TrainingRow = Row<PreparedCrystal>;

/**
 * A batch with its random draws: one noise level a crystal, the lattice's noise where it is diffused, coordinates' noise,
 * the latents' deviates.
 */
export function lossInputs(
  rows: readonly Omit<TrainingRow, 'id'>[],
  options: CdvaeOptions,
  scale: LatticeScale,
  rng: Rng,
): LossInputs {
  const { radialFunctions: R, noiseMax, noiseMin, latentDimension } = options;
  const crystals = rows.map((row) => row.crystal);
  const count = crystals.length;
  const n = (crystals[0] as PreparedCrystal).n;
  const levels = noiseLevels(noiseMax, noiseMin, options.noiseLevels);
  const length = n * n * pairLength(R);
  const noisyPairs = new Float32Array(count * length);
  const noise = new Float32Array(count);
  const score = new Float32Array(count * 3 * n);
  const diffused = options.lattice === 'diffused';
  const sigmas: number[] = [];
  const cells: OccupiedCell[] = [];
  crystals.forEach((crystal, c) => {
    const sigma = levels[rng.int(levels.length)] as number;
    const cell = diffused ? noisyCell(crystal, sigma, options, scale, rng) : crystal;
    cells.push(cell);
    sigmas.push(sigma);
    const { frac, target } = corrupt({ n, frac: crystal.frac, cell: cell.cell, inverse: cell.inverse }, sigma, rng);
    sumPairBasis(cell.cell, frac, R, noisyPairs, c * length);
    noise[c] = noiseCoordinate(sigma, noiseMax, noiseMin);
    score.set(target, 3 * n * c);
  });
  const deviates = new Float32Array(count * latentDimension);
  rng.fillNormal(deviates);
  return {
    clean: crystalBatch(crystals, joinPairs(crystals.map((p) => p.pairs)), R, scale),
    noisy: crystalBatch(cells, noisyPairs, R, scale),
    composition: compositions(crystals.map((p) => p.features)),
    noise: tf.tensor2d(noise, [count, 1]),
    score: tf.tensor2d(score, [count * n, 3]),
    denoising: diffused ? coefficients(sigmas, options) : null,
    deviates: tf.tensor2d(deviates, [count, latentDimension]),
    energy: tf.tensor2d(
      rows.map((row) => row.energy),
      [count, 1],
    ),
  };
}

/** A crystal's cell with the noise that goes with `sigma` (A) on coordinates. */
function noisyCell(
  crystal: PreparedCrystal,
  sigma: number,
  options: CdvaeOptions,
  scale: LatticeScale,
  rng: Rng,
): OccupiedCell {
  const numbers = noisyNumbers(numbersOf(crystal, scale), latticeNoise(sigma, options), rng);
  return cellOfNumbers(numbers, crystal.features, crystal.n, scale, options.neighbours);
}

/** Coefficients of the denoised lattices at noise levels of the coordinates (A), [C, 1] each. */
function coefficients(sigmas: readonly number[], options: CdvaeOptions): LossInputs['denoising'] {
  const at = sigmas.map((sigma) => denoising(latticeNoise(sigma, options)));
  const column = (key: 'skip' | 'gain') =>
    tf.tensor2d(
      at.map((x) => x[key]),
      [at.length, 1],
    );
  return { skip: column('skip'), gain: column('gain') };
}
