import { setImmediate as nextTurn } from 'node:timers/promises';
import { rowTimes, wrap } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Vec3 } from '../../../schemas/crystal.js';
import { crystalBatch, joinPairs } from './crystal-batch.js';
import { pairLength, sumPairBasis } from './graph.js';
import type { LatticeScale } from './lattice-target.js';
import { disposeMessages } from './messages.js';
import type { CdvaeNetworks } from './networks.js';
import { freeNoise, noiseCoordinate } from './noise.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell } from './prepared-crystal.js';
import { type Move, samplerMoves } from './sampler-moves.js';

/** Crystals to draw: C cells of n atoms each, their latents [C, d] and a stream of random numbers for each. */
export interface SamplingTask {
  cells: readonly OccupiedCell[];
  latents: tf.Tensor2D;
  streams: readonly Rng[];
  /** Called at each call of the network. */
  onCall?: () => void;
}

/**
 * Fractional coordinates from uniform random positions by the moves of the option's sampler (sampler-moves.ts). Noise and
 * moves leave the mean position alone. A crystal's result depends on its own stream alone.
 *
 * @returns C arrays of fractional coordinates in [0, 1)
 * @throws the signal's reason when aborted
 */
export async function sampleCoordinates(
  networks: CdvaeNetworks,
  task: SamplingTask,
  options: CdvaeOptions,
  scale: LatticeScale,
  signal: AbortSignal,
): Promise<Vec3[][]> {
  const { cells, streams, latents } = task;
  const n = (cells[0] as OccupiedCell).cell.n;
  const frac = streams.map((rng) => Float64Array.from({ length: 3 * n }, () => rng.uniform()));
  const R = options.radialFunctions;
  const pairs = cells.map(() => new Float32Array(n * n * pairLength(R)));

  const scoreTimesLevel = (sigma: number): Float32Array => {
    task.onCall?.();
    cells.forEach((cell, c) => {
      sumPairBasis(cell.cell, frac[c] as Float64Array, R, pairs[c] as Float32Array, 0);
    });
    return tf.tidy(() => {
      const batch = crystalBatch(cells, joinPairs(pairs), R, scale);
      const told = noiseCoordinate(sigma, options.noiseMax, options.noiseMin);
      const out = networks.decoder.apply(batch, latents, tf.fill([cells.length, 1], told));
      const values = out.dataSync() as Float32Array;
      disposeMessages(batch.geometry);
      return values;
    });
  };

  const apply = ({ sigma, drift, spread }: Move): void => {
    const score = scoreTimesLevel(sigma);
    cells.forEach((cell, c) => {
      const noise = spread > 0 ? freeNoise(streams[c] as Rng, n) : null;
      const x = frac[c] as Float64Array;
      for (let i = 0; i < n; i++) {
        const cartesian = [0, 1, 2].map((k) => {
          const moved = (drift / sigma) * (score[3 * (c * n + i) + k] as number);
          return moved + (noise === null ? 0 : spread * (noise[3 * i + k] as number));
        }) as Vec3;
        const change = rowTimes(cartesian, cell.inverse);
        for (let k = 0; k < 3; k++) x[3 * i + k] = (x[3 * i + k] as number) + (change[k] as number);
      }
    });
  };

  // One atom alone has nowhere to go.
  if (n > 1)
    for (const move of samplerMoves(options)) {
      signal.throwIfAborted();
      apply(move);
      await nextTurn();
    }
  return frac.map((x) => wrap(Array.from({ length: n }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)) as Vec3)));
}
