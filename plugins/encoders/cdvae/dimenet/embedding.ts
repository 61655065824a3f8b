import { silu } from '../../../../lib/tensor/activations.js';
import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { gatherRows } from '../../../../lib/tensor/segment.js';
import { siluDense } from '../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { ELEMENTS } from '../../../../schemas/elements.js';
import type { DimenetBatch } from './batch.js';
import type { DimenetOptions } from './options.js';

/**
 * First messages: silu(W [element of i, element of j, silu(V rbf)]), from a trained vector for each element. The product
 * with W is taken for atoms before it is spread over edges.
 */
export class EmbeddingBlock {
  private readonly elements;
  private readonly radial;
  private readonly mix;

  constructor(
    parameters: Parameters,
    name: string,
    private readonly options: Pick<DimenetOptions, 'hidden' | 'radial'>,
  ) {
    const { hidden, radial } = options;
    this.elements = parameters.embedding(`${name}.elements`, ELEMENTS.length, hidden);
    this.radial = parameters.dense(`${name}.radial`, radial, hidden);
    this.mix = parameters.dense(`${name}.mix`, 3 * hidden, hidden);
  }

  /** @returns [E, hidden] */
  apply(batch: DimenetBatch, basis: tf.Tensor2D): tf.Tensor2D {
    const { hidden } = this.options;
    const [ofReceiver, ofSender, ofDistance] = tf.split(this.mix.weight, 3, 0) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const atoms = gatherRows(this.elements as tf.Tensor2D, batch.elements);
    const receiver = tf.add(tf.matMul(atoms, ofReceiver), this.mix.bias as tf.Tensor1D);
    const sender = gatherRows(tf.matMul(atoms, ofSender) as tf.Tensor2D, batch.senders);
    const edges = tf.add(sender, tf.matMul(siluDense(basis, this.radial), ofDistance));
    const bySlot = edges.reshape([batch.atoms, batch.slots, hidden]);
    const all = tf.add(bySlot, receiver.reshape([batch.atoms, 1, hidden]));
    return silu(all.reshape([batch.atoms * batch.slots, hidden]) as tf.Tensor2D);
  }
}
