import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalCell } from '../../../../lib/crystal/canonical-cell.js';
import { inverse } from '../../../../lib/crystal/lattice.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import type { PluginContext } from '../../../contract/context.js';
import type { EncoderModel } from '../../../contract/encoder.js';
import { CallProgress } from '../call-progress.js';
import { checkRows } from '../decode-rows.js';
import { dimenetBatch } from '../dimenet/batch.js';
import type { LatticeScale } from '../lattice-target.js';
import { movesFrom } from '../sampler-moves.js';
import { type Seen, UnseenWarnings } from '../seen.js';
import { cellFromNumbers } from './lattice-parameters.js';
import type { PaperNetworks } from './networks.js';
import { dimenetOptions, type PaperOptions } from './options.js';
import { preparePaperCrystal } from './prepared-crystal.js';
import { type PaperSamplingTask, samplePaperCoordinates, samplerMoves } from './sampler.js';
import { microBatches } from './training-batches.js';

/** Atoms that go through the networks at once: bounds memory. */
const ATOMS_AT_ONCE = 256;

/** Row numbers in runs that go through the networks together. */
function inParts(species: readonly (readonly string[])[]): number[][] {
  return microBatches(
    species.map((_, row) => row),
    species.map((s) => s.length),
    ATOMS_AT_ONCE,
  );
}

interface Trained {
  parameters: Parameters;
  networks: PaperNetworks;
  options: PaperOptions;
  scale: LatticeScale;
  seen: Seen;
}

/** A trained CD-VAE with the networks of the paper, ready to encode and decode. Crystals of any sizes share batches. */
export class PaperModel implements EncoderModel {
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

  /** Means of the latent distribution, of each crystal in its primitive, Niggli-reduced cell. */
  async encode(crystals: Crystal[]): Promise<Float32Array> {
    const { networks, options } = this.trained;
    const out = new Float32Array(crystals.length * this.dimension);
    for (const rows of inParts(crystals.map((c) => c.species))) {
      this.context.signal.throwIfAborted();
      const graphs = rows.map((row) => preparePaperCrystal(crystals[row] as Crystal, options).graph);
      const means = tf.tidy(
        () => networks.encode(dimenetBatch(graphs, dimenetOptions(options))).mean.dataSync() as Float32Array,
      );
      out.set(means, (rows[0] as number) * this.dimension);
      await nextTurn();
    }
    return out;
  }

  /**
   * Cell from the lattice head, coordinates by the option's sampler. Each row draws from a stream of its own that its
   * place in the sequence of all rows decoded since loading names: equal rows give different tries. Elements and numbers
   * of atoms that the training data did not have are decoded with a warning.
   *
   * @throws LcomsError LCOMS_E_INPUT when latents and species do not fit each other, LCOMS_E_ELEMENT_UNKNOWN
   */
  async decode(latents: Float32Array, species: string[][]): Promise<Crystal[]> {
    return await this.sample(latents, species, samplerMoves(this.trained.options).length);
  }

  /** The same, the coordinates of each row from those of a crystal in the cell that the encoder sees, plus noise (A). */
  async decodeFrom(latents: Float32Array, crystals: Crystal[], noise: number): Promise<Crystal[]> {
    const starts = crystals.map((crystal) => canonicalCell(crystal, this.trained.options.symprec));
    const frac = starts.map((start) => Float64Array.from(start.frac.flat()));
    const species = starts.map((start) => [...start.species]);
    const calls = movesFrom(samplerMoves(this.trained.options), noise).length;
    return await this.sample(latents, species, calls, { frac, noise });
  }

  private async sample(
    latents: Float32Array,
    species: string[][],
    calls: number,
    from?: PaperSamplingTask['from'],
  ): Promise<Crystal[]> {
    const d = this.dimension;
    checkRows(latents, species, d);
    this.unseen.look(species);
    const first = this.decoded;
    this.decoded += species.length;
    const out: Crystal[] = [];
    const parts = [...inParts(species)];
    const progress = new CallProgress(parts.length * calls, this.context);
    for (const rows of parts) {
      const at = rows[0] as number;
      const values = latents.slice(at * d, (at + rows.length) * d);
      out.push(
        ...(await this.decodeRows(
          values,
          rows.map((row) => species[row] as string[]),
          first + at,
          { progress, from: from && { ...from, frac: from.frac.slice(at, at + rows.length) } },
        )),
      );
    }
    return out;
  }

  private async decodeRows(
    values: Float32Array,
    species: string[][],
    first: number,
    { progress, from }: { progress: CallProgress; from: PaperSamplingTask['from'] },
  ): Promise<Crystal[]> {
    const { networks, options, scale } = this.trained;
    const latents = tf.tensor2d(values, [species.length, this.dimension]);
    try {
      const numbers = tf.tidy(() => networks.lattice(latents).dataSync() as Float32Array);
      const cells = species.map((atoms, c) => {
        const six = numbers.subarray(6 * c, 6 * c + 6);
        const lattice = cellFromNumbers(six, atoms.length, scale, options.latticeTarget);
        return { lattice, inverse: inverse(lattice), species: atoms };
      });
      const streams = species.map((_, c) => this.context.rng.fork(`decode/${first + c}`));
      const onCall = (): void => {
        this.networkCalls += species.length;
        progress.call();
      };
      const task = { cells, latents, streams, onCall, ...(from && { from }) };
      const frac = await samplePaperCoordinates(networks, task, options, this.context.signal);
      return cells.map(({ lattice }, c) => ({
        lattice,
        species: [...(species[c] as string[])],
        frac: frac[c] as Crystal['frac'],
      }));
    } finally {
      latents.dispose();
    }
  }

  dispose(): void {
    this.trained.parameters.dispose();
  }
}
