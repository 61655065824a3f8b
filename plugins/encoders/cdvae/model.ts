import { setImmediate as nextTurn } from 'node:timers/promises';
import { atomFeatures } from '../../../lib/crystal/element-features.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { Crystal, Mat3 } from '../../../schemas/crystal.js';
import type { PluginContext } from '../../contract/context.js';
import type { EncoderModel } from '../../contract/encoder.js';
import { groupBySize } from '../../training/batches-by-size.js';
import { CallProgress } from './call-progress.js';
import { compositions, crystalBatch, joinPairs } from './crystal-batch.js';
import { checkRows } from './decode-rows.js';
import { type SamplingTask, sampleCrystals } from './langevin.js';
import { type LatticeScale, latticeFromStandardised } from './lattice-target.js';
import { disposeMessages } from './messages.js';
import type { CdvaeNetworks } from './networks.js';
import type { CdvaeOptions } from './options.js';
import { occupiedCell, type PreparedCrystal, prepareCrystal, reducedCell } from './prepared-crystal.js';
import { movesFrom, samplerMoves } from './sampler-moves.js';
import { chunks, samplingBatches } from './sampling-batches.js';
import { type Seen, UnseenWarnings } from './seen.js';

interface Trained {
  parameters: Parameters;
  networks: CdvaeNetworks;
  options: CdvaeOptions;
  scale: LatticeScale;
  seen: Seen;
}

/** Where rows begin. */
interface Starts extends NonNullable<SamplingTask['from']> {
  /** Lattices of the starts, rows in A; null where the lattice head's is taken. */
  lattices: readonly Mat3[] | null;
}

/** A trained CD-VAE of the light network, ready to encode and decode in batches. */
export class CdvaeModel implements EncoderModel {
  readonly dimension: number;
  networkCalls = 0;
  private decoded = 0;
  private readonly unseen: UnseenWarnings;

  constructor(
    private readonly trained: Trained,
    private readonly context: Pick<PluginContext, 'rng' | 'signal' | 'log' | 'tick'>,
  ) {
    this.dimension = trained.options.latentDimension;
    this.unseen = new UnseenWarnings(trained.seen, context.log);
  }

  /**
   * Means of the latent distribution. A crystal is first brought to its primitive, Niggli-reduced cell, so equal crystals
   * in different cells get equal latents; decode such a latent with the species of the primitive cell.
   */
  async encode(crystals: Crystal[]): Promise<Float32Array> {
    const out = new Float32Array(crystals.length * this.dimension);
    const prepared: PreparedCrystal[] = [];
    for (const crystal of crystals) {
      this.context.signal.throwIfAborted();
      prepared.push(prepareCrystal(crystal, this.trained.options));
      if (prepared.length % 64 === 0) await nextTurn();
    }
    for (const [n, rows] of groupBySize(prepared.map((p) => p.n))) {
      for (const part of chunks(rows, n)) {
        this.context.signal.throwIfAborted();
        const cells = part.map((i) => prepared[i] as PreparedCrystal);
        const means = tf.tidy(() => {
          const pairs = joinPairs(cells.map((p) => p.pairs));
          const batch = crystalBatch(cells, pairs, this.trained.options.radialFunctions, this.trained.scale);
          const values = this.trained.networks.encoder.apply(batch).mean.dataSync() as Float32Array;
          disposeMessages(batch.geometry);
          return values;
        });
        part.forEach((row, c) => {
          out.set(means.subarray(c * this.dimension, (c + 1) * this.dimension), row * this.dimension);
        });
        await nextTurn();
      }
    }
    return out;
  }

  /**
   * Coordinates by the option's sampler in the lattice head's cell, or both together from a noisy one about it. Each row draws from a stream of its own that
   * its place in the sequence of all rows decoded since loading names: equal rows give different tries.
   *
   * @throws LcomsError LCOMS_E_INPUT when latents and species do not fit each other
   */
  async decode(latents: Float32Array, species: string[][]): Promise<Crystal[]> {
    return await this.sample(latents, species, samplerMoves(this.trained.options).length);
  }

  /**
   * The same, the coordinates of each row from those of a crystal in the cell that the encoder sees, plus noise (A). Where
   * lattices are diffused, each begins at the crystal's own with the noise that goes with so much.
   */
  async decodeFrom(latents: Float32Array, crystals: Crystal[], noise: number): Promise<Crystal[]> {
    const { options } = this.trained;
    const starts = crystals.map((crystal) => reducedCell(crystal, options));
    const frac = starts.map((start) => Float64Array.from(start.frac.flat()));
    const species = starts.map((start) => [...start.species]);
    const calls = movesFrom(samplerMoves(options), noise).length;
    const lattices = options.lattice === 'diffused' ? starts.map((start) => start.lattice) : null;
    return await this.sample(latents, species, calls, { frac, noise, lattices });
  }

  private async sample(latents: Float32Array, species: string[][], calls: number, from?: Starts): Promise<Crystal[]> {
    const d = this.dimension;
    checkRows(latents, species, d);
    this.unseen.look(species);
    const first = this.decoded;
    this.decoded += species.length;
    const out = new Array<Crystal>(species.length);
    const batches = samplingBatches(species.map((s) => s.length));
    const progress = new CallProgress(batches.length * calls, this.context);
    for (const part of batches) {
      const atoms = part.map((row) => species[row] as string[]);
      const values = part.flatMap((row) => Array.from(latents.subarray(row * d, (row + 1) * d)));
      const streams = part.map((row) => this.context.rng.fork(`decode/${first + row}`));
      const begin = from && {
        frac: part.map((row) => from.frac[row] as Float64Array),
        noise: from.noise,
        lattices: from.lattices && part.map((row) => from.lattices?.[row] as Mat3),
      };
      const decoded = await this.decodeRows(Float32Array.from(values), atoms, { streams, progress, from: begin });
      part.forEach((row, c) => {
        out[row] = decoded[c] as Crystal;
      });
    }
    return out;
  }

  /** Rows that share calls of the networks. */
  private async decodeRows(
    values: Float32Array,
    species: string[][],
    { streams, progress, from }: { streams: Rng[]; progress: CallProgress; from: Starts | undefined },
  ): Promise<Crystal[]> {
    const { networks, options, scale } = this.trained;
    const composition = species.map(atomFeatures);
    const latents = tf.tensor2d(values, [species.length, this.dimension]);
    try {
      const numbers = tf.tidy(
        () => networks.lattice.apply(latents, compositions(composition)).dataSync() as Float32Array,
      );
      const cells = species.map((s, c) =>
        occupiedCell(
          from?.lattices?.[c] ?? latticeFromStandardised(numbers.subarray(6 * c, 6 * c + 6), s.length, scale),
          s,
          options.neighbours,
        ),
      );
      const onCall = (): void => {
        this.networkCalls += species.length;
        progress.call();
      };
      const task = { cells, latents, regressed: numbers, streams, onCall, ...(from && { from }) };
      const drawn = await sampleCrystals(networks, task, options, scale, this.context.signal);
      return drawn.map(({ lattice, frac }, c) => ({ lattice, species: [...(species[c] as string[])], frac }));
    } finally {
      latents.dispose();
    }
  }

  dispose(): void {
    this.trained.parameters.dispose();
  }
}
