import type { Rng } from '../../../../lib/random/rng.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Row } from '../../../training/training-rows.js';
import { dimenetBatch } from '../dimenet/batch.js';
import { batchOfMoving } from '../gemnet/batch.js';
import { type LatticeScale, standardise } from '../lattice-target.js';
import { noiseLevels } from '../noise.js';
import { corruptFreely } from './corruption.js';
import type { PaperLossInputs } from './loss.js';
import { dimenetOptions, gemnetOptions, type PaperOptions } from './options.js';
import type { PaperCrystal } from './prepared-crystal.js';

export type PaperRow = Row<PaperCrystal>;

/** A crystal of a batch with all that is drawn at random for it. */
export interface DrawnRow {
  row: PaperRow;
  /** 3n noisy fractional coordinates. */
  frac: Float64Array;
  /** 3n: score times noise level there. */
  target: Float64Array;
  /** Standard normal deviates of the latent. */
  deviates: Float32Array;
}

/** An epoch's batches: crystals of any sizes together, in an order drawn from `rng`. */
export function mixedBatches(rows: readonly PaperRow[], batchSize: number, rng: Rng): PaperRow[][] {
  const shuffled = rng.shuffle(rows);
  const batches: PaperRow[][] = [];
  for (let i = 0; i < shuffled.length; i += batchSize) batches.push(shuffled.slice(i, i + batchSize));
  return batches;
}

/** A batch's random draws, whatever parts it is computed in: one noise level a crystal, the coordinates' noise, the latents' deviates. */
export function drawBatch(rows: readonly PaperRow[], options: PaperOptions, rng: Rng): DrawnRow[] {
  const levels = noiseLevels(options.noiseMax, options.noiseMin, options.noiseLevels);
  const width = options.latentDimension;
  const noisy = rows.map(({ crystal }) => corruptFreely(crystal, levels[rng.int(levels.length)] as number, rng));
  const deviates = new Float32Array(rows.length * width);
  rng.fillNormal(deviates);
  return rows.map((row, c) => ({
    row,
    ...(noisy[c] as (typeof noisy)[number]),
    deviates: deviates.subarray(c * width, (c + 1) * width),
  }));
}

/**
 * Runs of consecutive items with at most `atomsAtOnce` atoms together, one item at least: what goes through the networks at
 * once, which bounds memory.
 * @param sizes atoms of each item
 */
export function microBatches<T>(items: readonly T[], sizes: readonly number[], atomsAtOnce: number): T[][] {
  const parts: T[][] = [];
  let atoms = Number.POSITIVE_INFINITY;
  items.forEach((item, i) => {
    atoms += sizes[i] as number;
    if (atoms > atomsAtOnce) {
      parts.push([]);
      atoms = sizes[i] as number;
    }
    parts.at(-1)?.push(item);
  });
  return parts;
}

/** Drawn crystals as the loss reads them. The caller disposes of the tensors (tf.tidy). */
export function lossInputs(drawn: readonly DrawnRow[], options: PaperOptions, scale: LatticeScale): PaperLossInputs {
  const count = drawn.length;
  const score = drawn.flatMap(({ target }) => Array.from(target));
  return {
    clean: dimenetBatch(
      drawn.map(({ row }) => row.crystal.graph),
      dimenetOptions(options),
    ),
    noisy: batchOfMoving(
      drawn.map(({ row: { crystal }, frac }) => ({ lattice: crystal.lattice, species: crystal.species, frac })),
      gemnetOptions(options),
    ),
    lattice: tf.tensor2d(
      drawn.flatMap(({ row }) => Array.from(standardise(row.crystal.numbers, scale))),
      [count, 6],
    ),
    score: tf.tensor2d(score, [score.length / 3, 3]),
    deviates: tf.tensor2d(
      drawn.flatMap(({ deviates }) => Array.from(deviates)),
      [count, options.latentDimension],
    ),
    energy: tf.tensor2d(
      drawn.map(({ row }) => row.energy),
      [count, 1],
    ),
  };
}

/** A whole batch with its random draws. */
export function paperLossInputs(
  rows: readonly PaperRow[],
  options: PaperOptions,
  scale: LatticeScale,
  rng: Rng,
): PaperLossInputs {
  return lossInputs(drawBatch(rows, options, rng), options, scale);
}
