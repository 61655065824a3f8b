import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import { corrupt } from './corruption.js';
import { compositions, crystalBatch, groupBySize, joinPairs } from './crystal-batch.js';
import { pairLength, sumPairBasis } from './graph.js';
import type { LatticeScale } from './lattice-target.js';
import type { LossInputs } from './loss.js';
import { noiseCoordinate, noiseLevels } from './noise.js';
import type { CdvaeOptions } from './options.js';
import type { PreparedCrystal } from './prepared-crystal.js';
import type { Row } from './training-rows.js';

export type TrainingRow = Row<PreparedCrystal>;

/** Batches in an epoch: fixed by the sizes of the crystals. */
export function batchesPerEpoch(rows: readonly TrainingRow[], batchSize: number): number {
  let count = 0;
  for (const group of groupBySize(rows.map((r) => r.crystal.n)).values()) count += Math.ceil(group.length / batchSize);
  return count;
}

/** An epoch's batches: crystals of one size together, which ones and in which order drawn from `rng`. */
export function epochBatches(rows: readonly TrainingRow[], batchSize: number, rng: Rng): TrainingRow[][] {
  const shuffled = rng.shuffle(rows);
  const batches: TrainingRow[][] = [];
  for (const group of groupBySize(shuffled.map((r) => r.crystal.n)).values())
    for (let i = 0; i < group.length; i += batchSize)
      batches.push(group.slice(i, i + batchSize).map((at) => shuffled[at] as TrainingRow));
  return rng.shuffle(batches);
}

/** A batch with its random draws: one noise level a crystal, coordinates' noise, the latents' deviates. */
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
  crystals.forEach((crystal, c) => {
    const sigma = levels[rng.int(levels.length)] as number;
    const { frac, target } = corrupt(crystal, sigma, rng);
    sumPairBasis(crystal.cell, frac, R, noisyPairs, c * length);
    noise[c] = noiseCoordinate(sigma, noiseMax, noiseMin);
    score.set(target, 3 * n * c);
  });
  const deviates = new Float32Array(count * latentDimension);
  rng.fillNormal(deviates);
  return {
    clean: crystalBatch(crystals, joinPairs(crystals.map((p) => p.pairs)), R, scale),
    noisy: crystalBatch(crystals, noisyPairs, R, scale),
    composition: compositions(crystals.map((p) => p.features)),
    noise: tf.tensor2d(noise, [count, 1]),
    score: tf.tensor2d(score, [count * n, 3]),
    deviates: tf.tensor2d(deviates, [count, latentDimension]),
    energy: tf.tensor2d(
      rows.map((row) => row.energy),
      [count, 1],
    ),
  };
}
