import type { Rng } from '../../../../lib/random/rng.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { dimenetBatch } from '../dimenet/batch.js';
import { batchOfMoving } from '../gemnet/batch.js';
import { type LatticeScale, standardise } from '../lattice-target.js';
import { noiseLevels } from '../noise.js';
import type { Row } from '../training-rows.js';
import { corruptFreely } from './corruption.js';
import type { PaperLossInputs } from './loss.js';
import { dimenetOptions, gemnetOptions, type PaperOptions } from './options.js';
import type { PaperCrystal } from './prepared-crystal.js';

export type PaperRow = Row<PaperCrystal>;

/** An epoch's batches: crystals of any sizes together, in an order drawn from `rng`. */
export function mixedBatches(rows: readonly PaperRow[], batchSize: number, rng: Rng): PaperRow[][] {
  const shuffled = rng.shuffle(rows);
  const batches: PaperRow[][] = [];
  for (let i = 0; i < shuffled.length; i += batchSize) batches.push(shuffled.slice(i, i + batchSize));
  return batches;
}

/** A batch with its random draws: one noise level a crystal, the coordinates' noise, the latents' deviates. */
export function paperLossInputs(
  rows: readonly PaperRow[],
  options: PaperOptions,
  scale: LatticeScale,
  rng: Rng,
): PaperLossInputs {
  const levels = noiseLevels(options.noiseMax, options.noiseMin, options.noiseLevels);
  const count = rows.length;
  const noisy = rows.map(({ crystal }) => corruptFreely(crystal, levels[rng.int(levels.length)] as number, rng));
  const deviates = new Float32Array(count * options.latentDimension);
  rng.fillNormal(deviates);
  const score = noisy.flatMap(({ target }) => Array.from(target));
  const moving = rows.map(({ crystal: { lattice, species } }, c) => ({
    lattice,
    species,
    frac: (noisy[c] as (typeof noisy)[number]).frac,
  }));
  return {
    clean: dimenetBatch(
      rows.map(({ crystal }) => crystal.graph),
      dimenetOptions(options),
    ),
    noisy: batchOfMoving(moving, gemnetOptions(options)),
    lattice: tf.tensor2d(
      rows.flatMap(({ crystal }) => Array.from(standardise(crystal.numbers, scale))),
      [count, 6],
    ),
    score: tf.tensor2d(score, [score.length / 3, 3]),
    deviates: tf.tensor2d(deviates, [count, options.latentDimension]),
    energy: tf.tensor2d(
      rows.map((row) => row.energy),
      [count, 1],
    ),
  };
}
