import { setImmediate as nextTurn } from 'node:timers/promises';
import { rowTimes, wrap } from '../../../../lib/crystal/lattice.js';
import type { Rng } from '../../../../lib/random/rng.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Mat3, Vec3 } from '../../../../schemas/crystal.js';
import { batchOfMoving } from '../gemnet/batch.js';
import { noiseLevels } from '../noise.js';
import { langevinMove, type Move, movesFrom } from '../sampler-moves.js';
import type { PaperNetworks } from './networks.js';
import { gemnetOptions, type PaperOptions } from './options.js';

/** Crystals to draw: C cells with their species, latents [C, d] and a stream of random numbers for each. */
export interface PaperSamplingTask {
  cells: readonly { lattice: Mat3; inverse: Mat3; species: readonly string[] }[];
  latents: tf.Tensor2D;
  streams: readonly Rng[];
  /** Where the atoms begin (3n fractional coordinates each) and by how much noise (A) they are moved first; default: anywhere. */
  from?: { frac: readonly Float64Array[]; noise: number };
  /** Called at each call of the network. */
  onCall?: () => void;
}

/**
 * The moves of a sampler, in order.
 *
 * - `langevin`, as Xie et al. 2021: at each level sigma, from the largest to the smallest, `langevinSteps` times
 *   x += h s + sqrt(2 h) N with h = langevinStep (sigma / noiseMin)^2.
 * - `fast`: at each of `fastLevels` levels `fastSteps` such moves with h = fastStepSize sigma^2, then one step of the
 *   reverse diffusion to the next level (ancestral sampling, Song et al. 2021, arXiv:2011.13456, appendix F); from the
 *   smallest level to the mean of the clean coordinates given the noisy ones.
 */
export function samplerMoves(options: PaperOptions): Move[] {
  const { noiseMax, noiseMin } = options;
  if (options.sampler === 'langevin')
    return Array.from(noiseLevels(noiseMax, noiseMin, options.noiseLevels)).flatMap((sigma) =>
      Array<Move>(options.langevinSteps).fill(langevinMove(sigma, options.langevinStep * (sigma / noiseMin) ** 2)),
    );
  const levels = noiseLevels(noiseMax, noiseMin, options.fastLevels);
  return Array.from(levels).flatMap((sigma, i) => {
    const next = levels[i + 1] ?? 0;
    const drift = sigma ** 2 - next ** 2;
    return [
      ...Array<Move>(options.fastSteps).fill(langevinMove(sigma, options.fastStepSize * sigma ** 2)),
      { sigma, drift, spread: (next / sigma) * Math.sqrt(drift) },
    ];
  });
}

/**
 * Fractional coordinates from uniform random positions, or from given ones plus noise, by the option's sampler. The graph is built anew at each call. A
 * crystal's random numbers come from its own stream alone.
 *
 * @returns C arrays of fractional coordinates in [0, 1)
 * @throws the signal's reason when aborted
 */
export async function samplePaperCoordinates(
  networks: PaperNetworks,
  { cells, latents, streams, from, onCall }: PaperSamplingTask,
  options: PaperOptions,
  signal: AbortSignal,
): Promise<Vec3[][]> {
  const moving = cells.map(({ lattice, species }, c) => ({
    lattice,
    species,
    frac:
      from?.frac[c]?.slice() ?? Float64Array.from({ length: 3 * species.length }, () => (streams[c] as Rng).uniform()),
  }));
  const decoder = gemnetOptions(options);
  const scoreTimesLevel = (): Float32Array =>
    tf.tidy(() => networks.decoder.apply(batchOfMoving(moving, decoder), latents).dataSync() as Float32Array);

  /** Moves all atoms by `pull` times what the network says, if anything, and by normal noise, A. */
  const step = (spread: number, pull: number, score: Float32Array | null): void => {
    let at = 0;
    moving.forEach(({ frac }, c) => {
      const noise = new Float64Array(frac.length);
      if (spread > 0) (streams[c] as Rng).fillNormal(noise);
      for (let i = 0; i < frac.length; i += 3, at += 3) {
        const cartesian = [0, 1, 2].map(
          (k) => pull * (score?.[at + k] ?? 0) + spread * (noise[i + k] as number),
        ) as Vec3;
        const change = rowTimes(cartesian, (cells[c] as PaperSamplingTask['cells'][number]).inverse);
        for (let k = 0; k < 3; k++) frac[i + k] = (frac[i + k] as number) + (change[k] as number);
      }
    });
  };
  const apply = ({ sigma, drift, spread }: Move): void => {
    onCall?.();
    step(spread, drift / sigma, scoreTimesLevel());
  };

  // An atom alone has nowhere to go.
  if (cells.some(({ species }) => species.length > 1)) {
    if (from) step(from.noise, 0, null);
    for (const move of from ? movesFrom(samplerMoves(options), from.noise) : samplerMoves(options)) {
      signal.throwIfAborted();
      apply(move);
      await nextTurn();
    }
  }
  return moving.map(({ frac }) =>
    wrap(Array.from({ length: frac.length / 3 }, (_, i) => Array.from(frac.subarray(3 * i, 3 * i + 3)) as Vec3)),
  );
}
