import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import { addToAtoms, type CrystalBatch } from './encoder.js';
import { LatticeDenoiser } from './lattice-denoiser.js';
import type { CdvaeOptions } from './options.js';
import { VectorNetwork } from './vector-network.js';

/** What the score network says of noisy crystals. */
export interface Denoised {
  /** Score of the coordinates times noise level, [C n, 3]; the mean over the atoms of a crystal is zero. */
  score: tf.Tensor2D;
  /** Outputs for the lattice, [C, 6] (see denoising); null where lattices are regressed or were not asked for. */
  lattice: tf.Tensor2D | null;
}

/**
 * The score network: from latent, species, cell, noisy coordinates and noise level to one Cartesian vector per atom.
 * The score of the noisy coordinates is that vector divided by the noise level (A), so the vector is of order one at
 * every level. Unlike CDVAE's the network is told the level. With `lattice: diffused` the cell is noisy too, and the
 * network says where its clean lattice numbers are.
 */
export class ScoreDecoder {
  private readonly embedding;
  private readonly condition;
  private readonly start;
  private readonly network;
  private readonly vector;
  private readonly lattice: LatticeDenoiser | null;

  constructor(parameters: Parameters, options: CdvaeOptions) {
    const { width, hiddenWidth, latentDimension, decoderBlocks } = options;
    this.embedding = parameters.dense('decoder.embedding', ELEMENT_FEATURES, hiddenWidth, { bias: false });
    this.condition = parameters.dense('decoder.condition', latentDimension + 6 + 1, hiddenWidth);
    this.start = parameters.dense('decoder.start', hiddenWidth, width);
    this.network = new VectorNetwork(parameters, 'decoder', options, decoderBlocks);
    this.vector = parameters.dense('decoder.vector', width, 1, { bias: false });
    this.lattice = options.lattice === 'diffused' ? new LatticeDenoiser(parameters, 'decoder.lattice', options) : null;
  }

  /**
   * @param latents [C, latentDimension]
   * @param noise [C, 1], see noiseCoordinate
   * @param lattice whether to say something of the lattice too, where it is diffused
   */
  apply(batch: CrystalBatch, latents: tf.Tensor2D, noise: tf.Tensor2D, lattice = true): Denoised {
    const { n, crystals } = batch.geometry;
    const told = tf.concat([latents, batch.lattice, noise], 1);
    const joined = silu(addToAtoms(this.embedding(batch.atoms), this.condition(told), n));
    const start = this.start(joined);
    if (this.lattice === null || !lattice)
      return { score: this.score(this.network.apply(start, batch.geometry, 'vectors'), crystals, n), lattice: null };
    const both = this.network.apply(start, batch.geometry, 'both');
    const atoms = crystals * n;
    const [scalars, vectors] = tf.split(both, [atoms, 3 * atoms]) as [tf.Tensor2D, tf.Tensor2D];
    return { score: this.score(vectors, crystals, n), lattice: this.lattice.apply(batch, scalars, told) };
  }

  private score(vectors: tf.Tensor2D, crystals: number, n: number): tf.Tensor2D {
    const perAtom = this.vector(vectors).reshape([crystals, 3, n]);
    // Moving the whole crystal changes nothing: see removeMean.
    const free = tf.sub(perAtom, tf.mean(perAtom, 2, true));
    return tf.transpose(free, [0, 2, 1]).reshape([crystals * n, 3]);
  }
}
