import { setImmediate as nextTurn } from 'node:timers/promises';
import { rowTimes, wrap } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Vec3 } from '../../../schemas/crystal.js';
import { largest, stillPart } from './crystal-batch.js';
import { pairLength, sumPairBasis } from './graph.js';
import type { LatticeScale } from './lattice-target.js';
import { disposeMessages, messageMatrices } from './messages.js';
import type { CdvaeNetworks } from './networks.js';
import { freeNoise, noiseCoordinate, removeMean } from './noise.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell } from './prepared-crystal.js';
import { type Move, samplerMoves } from './sampler-moves.js';

/** Crystals to draw: C cells of at most n atoms each, their latents [C, d] and a stream of random numbers for each. */
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
  const n = largest(cells);
  const frac = cells.map(({ cell }, c) =>
    Float64Array.from({ length: 3 * cell.n }, () => (streams[c] as Rng).uniform()),
  );
  const R = options.radialFunctions;
  const room = n * n * pairLength(R);
  const pairs = new Float32Array(cells.length * room);
  const still = stillPart(cells, scale);

  /** Score times noise level of each crystal's atoms, 3n in a crystal. */
  const scores = (sigma: number): Float64Array[] => {
    task.onCall?.();
    cells.forEach(({ cell }, c) => {
      sumPairBasis(cell, frac[c] as Float64Array, R, pairs, c * room, n);
    });
    const values = tf.tidy(() => {
      const geometry = messageMatrices(pairs, cells.length, n, R);
      const told = noiseCoordinate(sigma, options.noiseMax, options.noiseMin);
      const out = networks.decoder.apply({ geometry, ...still }, latents, tf.fill([cells.length, 1], told));
      const read = out.dataSync() as Float32Array;
      disposeMessages(geometry);
      return read;
    });
    return cells.map(({ cell }, c) => {
      const own = Float64Array.from(values.subarray(3 * n * c, 3 * (n * c + cell.n)));
      // The network took out the mean over the padding too.
      if (cell.n < n) removeMean(own, cell.n);
      return own;
    });
  };

  const apply = ({ sigma, drift, spread }: Move): void => {
    const pulls = scores(sigma);
    cells.forEach(({ cell, inverse }, c) => {
      const noise = spread > 0 ? freeNoise(streams[c] as Rng, cell.n) : null;
      const pull = pulls[c] as Float64Array;
      const x = frac[c] as Float64Array;
      for (let i = 0; i < cell.n; i++) {
        const cartesian = [0, 1, 2].map((k) => {
          const moved = (drift / sigma) * (pull[3 * i + k] as number);
          return moved + (noise === null ? 0 : spread * (noise[3 * i + k] as number));
        }) as Vec3;
        const change = rowTimes(cartesian, inverse);
        for (let k = 0; k < 3; k++) x[3 * i + k] = (x[3 * i + k] as number) + (change[k] as number);
      }
    });
  };

  try {
    // One atom alone has nowhere to go.
    if (n > 1)
      for (const move of samplerMoves(options)) {
        signal.throwIfAborted();
        apply(move);
        await nextTurn();
      }
  } finally {
    still.atoms.dispose();
    still.lattice.dispose();
  }
  return frac.map((x) =>
    wrap(Array.from({ length: x.length / 3 }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)) as Vec3)),
  );
}
