import { noiseLevels } from './noise.js';
import type { CdvaeOptions } from './options.js';

/** One network call: x += drift x s + spread x N, with s the score at the noise level (1/A). */
export interface Move {
  /** Noise level, A. */
  sigma: number;
  /** A^2. */
  drift: number;
  /** A. */
  spread: number;
  /** Noise level, A, that the last move at a level goes down to, 0 after all: where diffused lattices take their step. */
  next?: number;
}

/** x += h s + sqrt(2 h) N: a step of Langevin dynamics. @param h A^2 */
export const langevinMove = (sigma: number, h: number): Move => ({ sigma, drift: h, spread: Math.sqrt(2 * h) });

/** `steps` moves of Langevin dynamics at each level: x += h s + sqrt(2 h) N with h = stepSize x sigma^2 (Song & Ermon 2019). */
function annealed(levels: Float64Array, steps: number, stepSize: number): Move[] {
  return Array.from(levels).flatMap((sigma, i) => {
    const move = langevinMove(sigma, stepSize * sigma ** 2);
    return [...Array<Move>(steps - 1).fill(move), { ...move, next: levels[i + 1] ?? 0 }];
  });
}

/**
 * The moves of a sampler, in order, from the largest noise level to the smallest.
 *
 * - `langevin`, as Xie et al. 2021: `langevinLevels` x `langevinSteps` moves.
 * - `fast`: `fastLevels` x `fastSteps` moves, then, at the smallest level and as often, to the mean of the clean coordinates
 *   given the noisy ones, x += sigma^2 s.
 */
export function samplerMoves(options: CdvaeOptions): Move[] {
  const { noiseMax, noiseMin } = options;
  if (options.sampler === 'langevin')
    return annealed(
      noiseLevels(noiseMax, noiseMin, options.langevinLevels),
      options.langevinSteps,
      options.langevinStepSize,
    );
  const levels = noiseLevels(noiseMax, noiseMin, options.fastLevels);
  const last = levels[levels.length - 1] as number;
  return [
    ...annealed(levels, options.fastSteps, options.fastStepSize),
    ...Array<Move>(options.fastSteps).fill({ sigma: last, drift: last ** 2, spread: 0 }),
  ];
}

/**
 * The end of a sampler's moves for coordinates that are only `noise` (A) away from clean ones: those at no larger levels; of the
 * moves at the smallest level those that add no noise of their own, where it is smaller still.
 */
export function movesFrom(moves: readonly Move[], noise: number): Move[] {
  const smaller = moves.filter(({ sigma }) => sigma <= noise * (1 + 1e-9));
  if (smaller.length > 0) return smaller;
  const last = moves.at(-1)?.sigma;
  return moves.filter(({ sigma, spread }) => sigma === last && spread === 0);
}
