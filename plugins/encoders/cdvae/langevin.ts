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
import { type Move, movesFrom, samplerMoves } from './sampler-moves.js';

/** Crystals to draw: C cells of at most n atoms each, their latents [C, d] and a stream of random numbers for each. */
export interface SamplingTask {
  cells: readonly OccupiedCell[];
  latents: tf.Tensor2D;
  streams: readonly Rng[];
  /** Where the atoms begin (3n fractional coordinates each) and by how much noise (A) they are moved first; default: anywhere. */
  from?: { frac: readonly Float64Array[]; noise: number };
  /** Called at each call of the network. */
  onCall?: () => void;
}

/**
 * Fractional coordinates from uniform random positions, or from given ones plus noise, by the moves of the option's sampler
 * (sampler-moves.ts), in the latter case by those that belong to so much noise. Noise and
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
  const { cells, streams, latents, from } = task;
  const n = largest(cells);
  const frac = cells.map(({ cell }, c) => {
    const given = from?.frac[c];
    return given ? given.slice() : Float64Array.from({ length: 3 * cell.n }, () => (streams[c] as Rng).uniform());
  });
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

  /** Moves the atoms of crystal c; `change(3 i + k)` is what atom i moves along axis k, A. */
  const move = (c: number, change: (at: number) => number): void => {
    const { cell, inverse } = cells[c] as OccupiedCell;
    const x = frac[c] as Float64Array;
    for (let i = 0; i < 3 * cell.n; i += 3) {
      const fractional = rowTimes([change(i), change(i + 1), change(i + 2)], inverse);
      for (let k = 0; k < 3; k++) x[i + k] = (x[i + k] as number) + (fractional[k] as number);
    }
  };

  const apply = ({ sigma, drift, spread }: Move): void => {
    const pulls = scores(sigma);
    cells.forEach(({ cell }, c) => {
      const noise = spread > 0 ? freeNoise(streams[c] as Rng, cell.n) : null;
      const pull = pulls[c] as Float64Array;
      move(c, (at) => {
        const moved = (drift / sigma) * (pull[at] as number);
        return moved + (noise === null ? 0 : spread * (noise[at] as number));
      });
    });
  };

  try {
    // One atom alone has nowhere to go.
    if (n > 1) {
      if (from !== undefined && from.noise > 0)
        cells.forEach(({ cell }, c) => {
          const noise = freeNoise(streams[c] as Rng, cell.n);
          move(c, (at) => from.noise * (noise[at] as number));
        });
      for (const next of from ? movesFrom(samplerMoves(options), from.noise) : samplerMoves(options)) {
        signal.throwIfAborted();
        apply(next);
        await nextTurn();
      }
    }
  } finally {
    still.atoms.dispose();
    still.lattice.dispose();
  }
  return frac.map((x) =>
    wrap(Array.from({ length: x.length / 3 }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)) as Vec3)),
  );
}
