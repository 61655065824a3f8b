import { LcomsError } from '../../schemas/errors.js';
import { tf } from './tf.js';

/**
 * Row numbers as a tensor, checked: whole numbers in 0..n-1. Backends disagree about what happens outside that range,
 * so make ids here. Throws LCOMS_E_INPUT naming the first bad one. The caller disposes of it.
 */
export function rowIds(ids: Int32Array, n: number): tf.Tensor1D {
  const bad = ids.findIndex((id) => id < 0 || id >= n);
  if (bad >= 0) throw new LcomsError('LCOMS_E_INPUT', `row id ${ids[bad]} at position ${bad} is outside 0..${n - 1}`);
  return tf.tensor1d(ids, 'int32');
}

/**
 * Rows of `x` added up by segment: out[s] = sum of x[i] over ids[i] = s; segments without rows are zero. The gradient
 * gathers rows, without the stock one's guards for ids out of range (see rowIds).
 * @param x [rows, ...]
 * @param ids [rows], int32, in 0..n-1, in any order
 * @returns [n, ...]
 */
export function segmentSum<T extends tf.Tensor>(x: T, ids: tf.Tensor1D, n: number): T {
  return withIds((v, rows) => tf.unsortedSegmentSum(v, rows, n), gatherRows, x, ids) as T;
}

/**
 * Rows of `x` by number: out[i] = x[ids[i]]. The gradient is one segment sum, without the stock one's transposes.
 * @param x [n, ...]
 * @param ids [rows], int32, in 0..n-1
 * @returns [rows, ...]
 */
export function gatherRows<T extends tf.Tensor>(x: T, ids: tf.Tensor1D): T {
  const n = x.shape[0] as number;
  return withIds(
    (v, rows) => tf.gather(v, rows),
    (dy, rows) => segmentSum(dy, rows, n),
    x,
    ids,
  ) as T;
}

type ByIds = (x: tf.Tensor, ids: tf.Tensor1D) => tf.Tensor;

/** `forward(x, ids)` with its gradient; ids are saved with the gradient, so they may come from inside the loss. */
function withIds(forward: ByIds, backward: ByIds, x: tf.Tensor, ids: tf.Tensor1D): tf.Tensor {
  return tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([ids]);
    return {
      value: forward(v, ids),
      gradFunc: (dy: tf.Tensor, [rows]: tf.Tensor[]) => backward(dy, rows as tf.Tensor1D),
    };
  })(x);
}

/** Mean of the rows of each segment; segments without rows are zero. Same shapes as segmentSum. */
export function segmentMean<T extends tf.Tensor>(x: T, ids: tf.Tensor1D, n: number): T {
  return tf.tidy(() => {
    const counts = tf.maximum(tf.unsortedSegmentSum(tf.onesLike(ids).toFloat(), ids, n), 1);
    const column = counts.reshape([n, ...x.shape.slice(1).map(() => 1)]);
    return tf.div(segmentSum(x, ids, n), column) as T;
  });
}
