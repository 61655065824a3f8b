import { siluDense, siluResidual } from '../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Weights } from './weights.js';

/**
 * GemNet divides silu by 0.6, so that it keeps the variance of a standard normal input. A pass over a weight is short, one
 * over all edges is not: embeddings of atoms and edges are carried over this factor, and the weights that follow have it.
 */
export const SILU_SCALE = 1 / 0.6;

const ROOT_HALF = Math.SQRT1_2;

/** Of an embedding over SILU_SCALE, an activated layer over SILU_SCALE: [rows, in] to [rows, out]. */
export function activated(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return siluDense(x, { weight, bias: null, scale: SILU_SCALE });
}

/** Of anything else, an activated layer over SILU_SCALE. */
export function activatedPlain(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  return siluDense(x, { weight, bias: null });
}

/** (x + y) / sqrt(2). */
export function skip<T extends tf.Tensor>(x: T, y: T): T {
  return tf.mul(tf.add(x, y), ROOT_HALF) as T;
}

/** Two activated layers and a skip connection: [rows, width] to the same, both over SILU_SCALE. */
export class ResidualLayer {
  private readonly first;
  private readonly second;

  constructor(weights: Weights, name: string, width: number) {
    this.first = { weight: weights.dense(`${name}.first`, width, width), bias: null, scale: SILU_SCALE };
    this.second = { weight: weights.dense(`${name}.second`, width, width), bias: null, scale: SILU_SCALE };
  }

  apply(x: tf.Tensor2D): tf.Tensor2D {
    return siluResidual(x, this.first, this.second, ROOT_HALF);
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
