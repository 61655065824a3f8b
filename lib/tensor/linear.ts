import { tf } from './tf.js';

/** Weight [in, out] and bias [out] of a dense layer. */
export interface DenseWeights {
  readonly weight: tf.Tensor2D;
  readonly bias: tf.Tensor1D | null;
}

/** A dense layer made by Parameters.dense: call it on [rows, in] to get [rows, out], or give it to `linear`. */
export interface Dense extends DenseWeights {
  (x: tf.Tensor2D): tf.Tensor2D;
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1> | null;
}

/** x @ weight + bias: [rows, in] @ [in, out] + [out]. The weights come as a layer or as tensors. */
export function linear(x: tf.Tensor2D, layer: DenseWeights): tf.Tensor2D;
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias?: tf.Tensor1D | null): tf.Tensor2D;
export function linear(x: tf.Tensor2D, by: DenseWeights | tf.Tensor2D, bias?: tf.Tensor1D | null): tf.Tensor2D {
  const [weight, shift] = 'weight' in by ? [by.weight, by.bias] : [by, bias];
  const product: tf.Tensor2D = tf.matMul(x, weight);
  return shift ? tf.add(product, shift) : product;
}

/**
 * Normalises the last axis to mean 0 and variance 1, then scales and shifts. One custom gradient instead of the
 * thirty ops that tf.moments unrolls to.
 * @param x [rows, width]
 * @param scale [width]
 * @param shift [width]
 * @param epsilon added to the variance, 1e-5 by default, as in PyTorch
 */
export function layerNorm(x: tf.Tensor2D, scale: tf.Tensor1D, shift: tf.Tensor1D, epsilon = 1e-5): tf.Tensor2D {
  return tf.add(tf.mul(standardise(x, epsilon), scale), shift);
}

function standardise(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const centred = tf.sub(v, tf.mean(v, 1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
    const value = tf.mul(centred, inverse);
    save([value, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [y, inv] = saved as [tf.Tensor2D, tf.Tensor2D];
      const along = tf.mul(y, tf.mean(tf.mul(dy, y), 1, true));
      return tf.mul(inv, tf.sub(tf.sub(dy, tf.mean(dy, 1, true)), along));
    };
    return { value, gradFunc };
  });
  return op(x) as tf.Tensor2D;
}
