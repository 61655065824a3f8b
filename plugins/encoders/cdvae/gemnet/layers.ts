import { silu } from '../../../../lib/tensor/activations.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Weights } from './weights.js';

/**
 * GemNet divides silu by 0.6, so that it keeps the variance of a standard normal input. Where a weight follows, the
 * factor goes into that: a pass over a weight is short, one over all edges is not.
 */
export const SILU_SCALE = 1 / 0.6;

const ROOT_HALF = Math.SQRT1_2;

/** silu(x W): [rows, in] to [rows, out], still to be multiplied by SILU_SCALE. */
export function unscaled(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return silu(tf.matMul(x, weight));
}

/** silu(x W) / 0.6: [rows, in] to [rows, out]. */
export function activated(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(unscaled(x, weight), SILU_SCALE);
}

/** (x + y) / sqrt(2). */
export function skip<T extends tf.Tensor>(x: T, y: T): T {
  return tf.mul(tf.add(x, y), ROOT_HALF) as T;
}

/** Two activated layers and a skip connection: [rows, width] to the same. */
export class ResidualLayer {
  private readonly first;
  private readonly second;

  constructor(weights: Weights, name: string, width: number) {
    this.first = weights.dense(`${name}.first`, width, width);
    this.second = weights.dense(`${name}.second`, width, width);
  }

  apply(x: tf.Tensor2D): tf.Tensor2D {
    return skip(x, activated(unscaled(x, this.first), tf.mul(this.second, SILU_SCALE)));
  }
}

/** `count` residual layers one after the other. */
export class ResidualStack {
  private readonly layers: ResidualLayer[];

  constructor(weights: Weights, name: string, width: number, count: number) {
    this.layers = Array.from({ length: count }, (_, i) => new ResidualLayer(weights, `${name}${i}`, width));
  }

  apply(x: tf.Tensor2D): tf.Tensor2D {
    return this.layers.reduce((value, layer) => layer.apply(value), x);
  }
}
