import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { CdvaeOptions } from './options.js';

/** Latent and composition to the six standardised lattice numbers. */
export class LatticeHead {
  private readonly hidden;
  private readonly out;

  constructor(parameters: Parameters, { latentDimension, hiddenWidth }: CdvaeOptions) {
    this.hidden = parameters.dense('lattice.hidden', latentDimension + ELEMENT_FEATURES, hiddenWidth);
    this.out = parameters.dense('lattice.out', hiddenWidth, 6);
  }

  /**
   * @param composition mean element features of each crystal's atoms, [C, ELEMENT_FEATURES]: the composition is given, so
   *   the latent need not carry the size of the ions
   * @returns [C, 6]
   */
  apply(latents: tf.Tensor2D, composition: tf.Tensor2D): tf.Tensor2D {
    return this.out(silu(this.hidden(tf.concat([latents, composition], 1))));
  }
}

/** Latent to the standardised energy target: orders the latent space by energy, which is what the search goes along. */
export class EnergyHead {
  private readonly hidden;
  private readonly out;

  constructor(
    parameters: Parameters,
    { latentDimension, hiddenWidth }: Pick<CdvaeOptions, 'latentDimension' | 'hiddenWidth'>,
  ) {
    this.hidden = parameters.dense('energy.hidden', latentDimension, hiddenWidth);
    this.out = parameters.dense('energy.out', hiddenWidth, 1);
  }

  /** @returns [C, 1] */
  apply(latents: tf.Tensor2D): tf.Tensor2D {
    return this.out(silu(this.hidden(latents)));
  }
}
