import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { MessageMatrices } from './messages.js';
import type { CdvaeOptions } from './options.js';
import { VectorNetwork } from './vector-network.js';

/** Standardised lattice numbers beyond this say no more than "very long": unbounded, one odd cell derails training. */
const LATTICE_LIMIT = 5;
/** Log-variances of the latent stay in this range: e^3 is far wider than the prior, e^-12 is exact for every purpose. */
const LOG_VARIANCE: readonly [number, number] = [-12, 3];

/** C crystals of n atoms each, as the networks see them. */
export interface CrystalBatch {
  geometry: MessageMatrices;
  /** Element features, [C n, ELEMENT_FEATURES]. */
  atoms: tf.Tensor2D;
  /** Standardised lattice numbers, [C, 6]. */
  lattice: tf.Tensor2D;
  /** What an atom counts in a mean over its crystal, [C, n, 1]: one over the number of atoms; nothing where it is padding. */
  shares: tf.Tensor3D;
}

/** [C, F] added to each of the n atoms of its crystal, [C n, F]. */
export function addToAtoms(atoms: tf.Tensor2D, perCrystal: tf.Tensor2D, n: number): tf.Tensor2D {
  const [crystals, width] = perCrystal.shape;
  return tf
    .add(atoms.reshape([crystals, n, width]), perCrystal.reshape([crystals, 1, width]))
    .reshape([crystals * n, width]);
}

/** Mean over the atoms of each crystal: [C n, F] to [C, F]. */
export function meanOverAtoms(atoms: tf.Tensor2D, n: number): tf.Tensor2D {
  const [rows, width] = atoms.shape;
  return tf.mean(atoms.reshape([rows / n, n, width]), 1) as tf.Tensor2D;
}

/**
 * Crystals to the mean and log-variance of their latent distribution. The network is invariant under rotation,
 * translation and order of atoms; the six lattice numbers say what a local environment can't (which cell this is).
 */
export class LatentEncoder {
  private readonly embedding;
  private readonly lattice;
  private readonly network;
  private readonly hidden;
  private readonly out;

  constructor(
    parameters: Parameters,
    private readonly options: CdvaeOptions,
  ) {
    const { width, hiddenWidth, latentDimension, encoderBlocks } = options;
    this.embedding = parameters.dense('encoder.embedding', ELEMENT_FEATURES, width);
    this.lattice = parameters.dense('encoder.lattice', 6, width, { bias: false });
    this.network = new VectorNetwork(parameters, 'encoder', options, encoderBlocks);
    this.hidden = parameters.dense('encoder.hidden', width + 6, hiddenWidth);
    this.out = parameters.dense('encoder.out', hiddenWidth, 2 * latentDimension);
  }

  /** Mean and log-variance, both [C, latentDimension]. */
  apply(batch: CrystalBatch): { mean: tf.Tensor2D; logVariance: tf.Tensor2D } {
    const { n } = batch.geometry;
    const lattice = tf.clipByValue(batch.lattice, -LATTICE_LIMIT, LATTICE_LIMIT) as tf.Tensor2D;
    const start = addToAtoms(this.embedding(batch.atoms), this.lattice(lattice), n);
    const scalars = this.network.apply(start, batch.geometry, 'scalars');
    const pooled = tf.concat([meanOverAtoms(scalars, n), lattice], 1);
    const both = this.out(silu(this.hidden(pooled)));
    const [mean, logVariance] = tf.split(both, [this.options.latentDimension, this.options.latentDimension], 1);
    return {
      mean: mean as tf.Tensor2D,
      logVariance: tf.clipByValue(logVariance as tf.Tensor2D, ...LOG_VARIANCE) as tf.Tensor2D,
    };
  }
}
