import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import { addToAtoms, type CrystalBatch } from './encoder.js';
import type { CdvaeOptions } from './options.js';
import { VectorNetwork } from './vector-network.js';

/**
 * The score network: from latent, species, cell, noisy coordinates and noise level to one Cartesian vector per atom.
 * The score of the noisy coordinates is that vector divided by the noise level (A), so the vector is of order one at
 * every level. Unlike CDVAE's the network is told the level.
 */
export class ScoreDecoder {
  private readonly embedding;
  private readonly condition;
  private readonly start;
  private readonly network;
  private readonly vector;

  constructor(parameters: Parameters, options: CdvaeOptions) {
    const { width, hiddenWidth, latentDimension, decoderBlocks } = options;
    this.embedding = parameters.dense('decoder.embedding', ELEMENT_FEATURES, hiddenWidth, { bias: false });
    this.condition = parameters.dense('decoder.condition', latentDimension + 6 + 1, hiddenWidth);
    this.start = parameters.dense('decoder.start', hiddenWidth, width);
    this.network = new VectorNetwork(parameters, 'decoder', options, decoderBlocks);
    this.vector = parameters.dense('decoder.vector', width, 1, { bias: false });
  }

  /**
   * @param latents [C, latentDimension]
   * @param noise [C, 1], see noiseCoordinate
   * @returns score times noise level, [C n, 3]; the mean over the atoms of a crystal is zero
   */
  apply(batch: CrystalBatch, latents: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
    const { n, crystals } = batch.geometry;
    const condition = this.condition(tf.concat([latents, batch.lattice, noise], 1));
    const joined = silu(addToAtoms(this.embedding(batch.atoms), condition, n));
    const vectors = this.network.apply(this.start(joined), batch.geometry, 'vectors');
    const perAtom = this.vector(vectors).reshape([crystals, 3, n]);
    // Moving the whole crystal changes nothing: see removeMean.
    const free = tf.sub(perAtom, tf.mean(perAtom, 2, true));
    return tf.transpose(free, [0, 2, 1]).reshape([crystals * n, 3]);
  }
}
