import { setImmediate as nextTurn } from 'node:timers/promises';
import { rowTimes, wrap } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Mat3, Vec3 } from '../../../schemas/crystal.js';
import { largest, latticeNumbers, stillPart } from './crystal-batch.js';
import { pairLength, sumPairBasis } from './graph.js';
import {
  cellOfNumbers,
  denoised,
  denoising,
  latticeNoise,
  noisyNumbers,
  numbersOf,
  stepDown,
} from './lattice-noise.js';
import { type LatticeScale, latticeFromTarget } from './lattice-target.js';
import { disposeMessages, messageMatrices } from './messages.js';
import type { CdvaeNetworks } from './networks.js';
import { freeNoise, noiseCoordinate, removeMean } from './noise.js';
import type { CdvaeOptions } from './options.js';
import type { OccupiedCell } from './prepared-crystal.js';
import { type Move, movesFrom, samplerMoves } from './sampler-moves.js';

/** Crystals to draw: C cells of at most n atoms each, their latents [C, d] and a stream of random numbers for each. */
export interface SamplingTask {
  /** With `lattice: diffused` those about which the noisy ones begin. */
  cells: readonly OccupiedCell[];
  latents: tf.Tensor2D;
  /** Lattice numbers regressed from the latents, 6 a crystal. */
  regressed: Float32Array;
  streams: readonly Rng[];
  /** Where the atoms begin (3n fractional coordinates each) and by how much noise (A) they are moved first; default: anywhere. */
  from?: { frac: readonly Float64Array[]; noise: number };
  /** Called at each call of the network. */
  onCall?: () => void;
}

/** What a call of the network says of each crystal. */
interface Pulls {
  /** Score times noise level of the atoms, 3n in a crystal. */
  atoms: Float64Array[];
  /** Outputs for the lattice, 6 a crystal. */
  lattices: Float32Array | null;
}

/**
 * Cells and fractional coordinates by the moves of the option's sampler (sampler-moves.ts): from uniform random
 * positions, or from given ones plus noise by those moves that belong to so much noise. Noise and moves leave the mean
 * position alone. With `lattice: diffused` the lattice numbers go down by the noise levels that go with the coordinates',
 * one at the end of each (lattice-noise.ts), fractional coordinates staying as they are; otherwise cells stay as given.
 * A crystal's result depends on its own stream alone.
 *
 * @returns C lattices (rows, A) and arrays of fractional coordinates in [0, 1)
 * @throws the signal's reason when aborted
 */
export async function sampleCrystals(
  networks: CdvaeNetworks,
  task: SamplingTask,
  options: CdvaeOptions,
  scale: LatticeScale,
  signal: AbortSignal,
): Promise<{ lattice: Mat3; frac: Vec3[] }[]> {
  const { streams, latents, regressed, from } = task;
  const diffused = options.lattice === 'diffused';
  const cells = [...task.cells];
  const n = largest(cells);
  const frac = cells.map(({ cell }, c) => {
    const given = from?.frac[c];
    return given ? given.slice() : Float64Array.from({ length: 3 * cell.n }, () => (streams[c] as Rng).uniform());
  });
  const R = options.radialFunctions;
  const room = n * n * pairLength(R);
  const pairs = new Float32Array(cells.length * room);
  const still = stillPart(cells, scale);

  const pullsAt = ({ sigma, next }: Move): Pulls => {
    task.onCall?.();
    cells.forEach(({ cell }, c) => {
      sumPairBasis(cell, frac[c] as Float64Array, R, pairs, c * room, n);
    });
    let lattices: Float32Array | null = null;
    const score = tf.tidy(() => {
      const geometry = messageMatrices(pairs, cells.length, n, R);
      const told = tf.fill(
        [cells.length, 1],
        noiseCoordinate(sigma, options.noiseMax, options.noiseMin),
      ) as tf.Tensor2D;
      const out = networks.decoder.apply({ geometry, ...still }, latents, told, next !== undefined);
      const read = out.score.dataSync() as Float32Array;
      if (out.lattice !== null) lattices = out.lattice.dataSync() as Float32Array;
      disposeMessages(geometry);
      return read;
    });
    const atoms = cells.map(({ cell }, c) => {
      const own = Float64Array.from(score.subarray(3 * n * c, 3 * (n * c + cell.n)));
      // The network took out the mean over the padding too.
      if (cell.n < n) removeMean(own, cell.n);
      return own;
    });
    return { atoms, lattices };
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

  /** Gives each crystal the cell of other standardised lattice numbers. */
  const setCells = (numbers: (cell: OccupiedCell, c: number) => Float64Array): void => {
    cells.forEach((cell, c) => {
      cells[c] = cellOfNumbers(numbers(cell, c), cell.features, cell.cell.n, scale, options.neighbours);
    });
    still.lattice.dispose();
    still.lattice = latticeNumbers(cells, scale);
  };

  const apply = (next: Move): void => {
    const { sigma, drift, spread } = next;
    const { atoms, lattices } = pullsAt(next);
    cells.forEach(({ cell }, c) => {
      const noise = spread > 0 ? freeNoise(streams[c] as Rng, cell.n) : null;
      const pull = atoms[c] as Float64Array;
      move(c, (at) => {
        const moved = (drift / sigma) * (pull[at] as number);
        return moved + (noise === null ? 0 : spread * (noise[at] as number));
      });
    });
    if (lattices === null) return;
    const [s, lower] = [latticeNoise(sigma, options), latticeNoise(next.next ?? 0, options)];
    const how = denoising(s);
    setCells((cell, c) => {
      const noisy = numbersOf(cell, scale);
      const clean = noisy.map((x, k) =>
        denoised(how, x, regressed[6 * c + k] as number, lattices[6 * c + k] as number),
      );
      return stepDown(noisy, clean, [s, lower], streams[c] as Rng);
    });
  };

  try {
    // One atom alone has nowhere to go.
    if (n > 1 || diffused) {
      if (diffused)
        setCells((cell, c) => {
          const s = latticeNoise(from?.noise ?? options.noiseMax, options);
          return noisyNumbers(numbersOf(cell, scale), s, streams[c] as Rng);
        });
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
    for (const tensor of Object.values(still)) tensor.dispose();
  }
  return cells.map((cell, c) => {
    const x = frac[c] as Float64Array;
    const positions = Array.from({ length: cell.cell.n }, (_, i) => Array.from(x.subarray(3 * i, 3 * i + 3)) as Vec3);
    return { lattice: diffused ? latticeFromTarget(cell.target, cell.cell.n) : cell.lattice, frac: wrap(positions) };
  });
}
