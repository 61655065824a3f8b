import { tf } from '../../../../lib/tensor/tf.js';
import type { GemNetBatch } from './batch.js';
import { activated, activatedPlain, SILU_SCALE, skip } from './layers.js';
import { type GemNetOptions, scaleOf } from './options.js';
import type { Weight, Weights } from './weights.js';

/**
 * For every edge, what the other edges into its atom hold, summed with each function of the angle between the two:
 * [E, width] to [E, S, width]. One matrix product an atom, so nothing has a row per triplet; places without an edge
 * have zeros in the angular basis, whatever is gathered there.
 */
export function sumOverTriplets(x: tf.Tensor2D, batch: GemNetBatch): tf.Tensor3D {
  const { atoms, edges, angular, place, edgeAt } = batch;
  const width = x.shape[1];
  const K = angular.shape[2];
  const S = K === 0 ? 0 : angular.shape[1] / K;
  const op = tf.customGrad((...args) => {
    const [v] = args as unknown as [tf.Tensor2D];
    const others = tf.gather(v, edgeAt).reshape([atoms, K, width]);
    const sums = tf.matMul(angular, others).reshape([atoms * K, S * width]);
    const value = tf.gather(sums, place).reshape([edges, S, width]);
    const gradFunc = (dy: tf.Tensor): tf.Tensor => {
      const spread = tf.gather(dy.reshape([edges, S * width]), edgeAt).reshape([atoms, K * S, width]);
      return tf.gather(tf.matMul(angular, spread, true).reshape([atoms * K, width]), place);
    };
    return { value, gradFunc };
  });
  return op(x) as tf.Tensor3D;
}

/** Rows in the order of the edges that run the other way; its own gradient, because reversing twice changes nothing. */
export function reversed(x: tf.Tensor2D, batch: GemNetBatch): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [v] = args as unknown as [tf.Tensor2D];
    return { value: tf.gather(v, batch.reverse), gradFunc: (dy: tf.Tensor) => tf.gather(dy, batch.reverse) };
  });
  return op(x) as tf.Tensor2D;
}

/**
 * Messages between the edges into one atom, through the distance of the sender, and the distance of the receiver and
 * the angle between both.
 *
 * The bilinear layer multiplies in the efficient order of GemNet's code: first the sum over senders for each angular
 * function, then the receiver's radial part, then the weights; the largest tensor is [E, circularWidth, tripletWidth].
 */
export class TripletInteraction {
  private readonly dense: Weight;
  private readonly radial: Weight;
  private readonly down: Weight;
  private readonly bilinear: Weight;
  private readonly up: Weight;
  private readonly upReverse: Weight;
  private readonly radialScale: number;
  private readonly sumScale: number;

  constructor(weights: Weights, options: GemNetOptions, index: number) {
    const { edgeWidth, tripletWidth, bilinearWidth, radialWidth, circularWidth } = options;
    this.dense = weights.dense('dense', edgeWidth, edgeWidth);
    this.radial = weights.dense('radial', radialWidth, edgeWidth);
    this.down = weights.dense('down', edgeWidth, tripletWidth);
    this.bilinear = weights.dense('bilinear', circularWidth * tripletWidth, bilinearWidth);
    this.up = weights.dense('up', bilinearWidth, edgeWidth);
    this.upReverse = weights.dense('upReverse', bilinearWidth, edgeWidth);
    this.radialScale = scaleOf(options.tripletRadialScales, index);
    this.sumScale = scaleOf(options.tripletSumScales, index);
  }

  /**
   * @param m [E, edgeWidth], over SILU_SCALE, as is the result
   * @param radial [E, radialWidth], the projected radial basis
   * @param circular [E, circularWidth, S], the receiver's projected radial basis for each angular function
   * @returns [E, edgeWidth]
   */
  apply(m: tf.Tensor2D, radial: tf.Tensor2D, circular: tf.Tensor3D, batch: GemNetBatch): tf.Tensor2D {
    const filter = tf.matMul(radial, tf.mul(this.radial, this.radialScale * SILU_SCALE)) as tf.Tensor2D;
    const sent = activatedPlain(tf.mul(activated(m, this.dense), filter) as tf.Tensor2D, this.down);
    const products = tf.matMul(circular, sumOverTriplets(sent, batch));
    const flat = products.reshape([batch.edges, -1]) as tf.Tensor2D;
    const received = tf.matMul(flat, tf.mul(this.bilinear, this.sumScale * SILU_SCALE)) as tf.Tensor2D;
    const back = reversed(activatedPlain(received, this.upReverse), batch);
    return skip(activatedPlain(received, this.up), back);
  }
}
