import type { Rng } from '../../../../lib/random/rng.js';
import type { Dense, Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { DimenetBatch } from '../dimenet/batch.js';
import { DimenetPlusPlus } from '../dimenet/network.js';
import { GemNetT } from '../gemnet/network.js';
import { EnergyHead } from '../heads.js';
import { dimenetOptions, gemnetOptions, type PaperOptions } from './options.js';

/** Ours, far outside of what training comes to: e^x must not overflow, and what is held has no gradient to come back. */
const LARGEST_LOG_VARIANCE = 30;

/**
 * The networks of Xie et al. 2021: DimeNet++ and two linear layers to mean and log-variance of the latent, GemNet-T as
 * score decoder, a two-layer perceptron from the latent to the six lattice numbers.
 */
export class PaperNetworks {
  readonly decoder: GemNetT;
  /** null when the energy weight is zero. */
  readonly energy: EnergyHead | null;
  private readonly features: DimenetPlusPlus;
  private readonly mean: Dense;
  private readonly logVariance: Dense;
  private readonly latticeHidden: Dense;
  private readonly latticeOut: Dense;

  /** Adds the weights to `parameters`, always in the same order; `rng` starts the decoder's. */
  constructor(parameters: Parameters, rng: Rng, options: PaperOptions) {
    const { latentDimension, hiddenWidth } = options;
    this.features = new DimenetPlusPlus(parameters, 'encoder', dimenetOptions(options));
    this.mean = parameters.dense('encoder.mean', hiddenWidth, latentDimension);
    this.logVariance = parameters.dense('encoder.logVariance', hiddenWidth, latentDimension);
    this.latticeHidden = parameters.dense('lattice.hidden', latentDimension, hiddenWidth);
    this.latticeOut = parameters.dense('lattice.out', hiddenWidth, 6);
    this.decoder = new GemNetT(parameters, rng, gemnetOptions(options));
    this.energy = options.energyWeight > 0 ? new EnergyHead(parameters, options) : null;
  }

  /** Mean and log-variance, both [C, latentDimension]. */
  encode(batch: DimenetBatch): { mean: tf.Tensor2D; logVariance: tf.Tensor2D } {
    const features = this.features.apply(batch);
    const logVariance = tf.clipByValue(
      this.logVariance(features),
      -LARGEST_LOG_VARIANCE,
      LARGEST_LOG_VARIANCE,
    ) as tf.Tensor2D;
    return { mean: this.mean(features), logVariance };
  }

  /** Standardised lattice numbers, [C, 6]. */
  lattice(latents: tf.Tensor2D): tf.Tensor2D {
    return this.latticeOut(tf.relu(this.latticeHidden(latents)));
  }
}
