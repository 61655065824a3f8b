import type { Dense } from '../../../../lib/tensor/linear.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { siluDense } from '../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { DimenetBatch } from './batch.js';
import type { DimenetOptions } from './options.js';
import { orthogonalDense } from './orthogonal.js';

/** From messages to atoms: messages weighted by distance are added up at the receiver and go through a network. */
export class OutputBlock {
  private readonly radial;
  private readonly up;
  private readonly hidden: Dense[];
  private readonly out;

  constructor(
    parameters: Parameters,
    name: string,
    private readonly options: DimenetOptions,
  ) {
    const { hidden, outputEmbedding, outputLayers, radial, features } = options;
    this.radial = orthogonalDense(parameters, `${name}.radial`, radial, hidden, { bias: false });
    this.up = orthogonalDense(parameters, `${name}.up`, hidden, outputEmbedding, { bias: false });
    this.hidden = Array.from({ length: outputLayers }, (_, k) =>
      orthogonalDense(parameters, `${name}.hidden${k}`, outputEmbedding, outputEmbedding),
    );
    // A new network says zero of every crystal, as the original does.
    this.out = parameters.dense(`${name}.out`, outputEmbedding, features, { init: 'zeros', bias: false });
  }

  /**
   * @param messages [E, hidden]
   * @param basis radial functions, [E, radial]
   * @returns [A, features]
   */
  apply(messages: tf.Tensor2D, basis: tf.Tensor2D, batch: DimenetBatch): tf.Tensor2D {
    const weighted = tf.mul(messages, this.radial(basis)).reshape([batch.atoms, batch.slots, this.options.hidden]);
    let state = this.up(tf.sum(weighted, 1) as tf.Tensor2D);
    for (const layer of this.hidden) state = siluDense(state, layer);
    return this.out(state);
  }
}
