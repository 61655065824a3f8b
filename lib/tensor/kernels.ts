import { NativeKernels } from './kernels-native.js';
import { nativeBackend } from './tensorflow-binding.js';
import { tf } from './tf.js';

/** A tensor as {@link Kernels} hand it around: of use to them alone, and gone at the end of their scope. */
export interface Value {
  readonly shape: readonly number[];
}

/**
 * The ops that networks with a hand-written gradient are made of: call them inside tf.customGrad or without a tape.
 * Float32 throughout. On the native backend an op goes straight to the library and its result is a bare number of the
 * library's, at a third of the cost of an op through tf.*, which counts where tensors are small.
 */
export interface Kernels {
  /** Runs and then frees every value made in it, but for those that {@link tensor} made tensors of. */
  scope<R>(run: () => R): R;
  /** A tensor as a value; the tensor stays the caller's. */
  of(tensor: tf.Tensor): Value;
  /** The value as a tensor, which belongs to the surrounding tf.tidy. */
  tensor(value: Value): tf.Tensor;
  /** A copy of the value's numbers. */
  numbers(value: Value): Float32Array;
  zeros(shape: readonly number[]): Value;
  /** a @ b of matrices or batches of them, either one transposed first. */
  matMul(a: Value, b: Value, transposeA?: boolean, transposeB?: boolean): Value;
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  div(a: Value, b: Value): Value;
  /** Sum of values of one shape. */
  addAll(values: readonly Value[]): Value;
  sigmoid(x: Value): Value;
  square(x: Value): Value;
  sqrt(x: Value): Value;
  rsqrt(x: Value): Value;
  /** x + a number. */
  addNumber(x: Value, number: number): Value;
  /** Sum over one axis, which is left out. */
  sum(x: Value, axis: number): Value;
  /** Mean over one axis, which stays with length 1. */
  mean(x: Value, axis: number): Value;
  /** Half the sum of the squares of all numbers, a scalar. */
  halfSquares(x: Value): Value;
  /** Numbers cut to [-limit, limit]. */
  clip(x: Value, limit: number): Value;
  reshape(x: Value, shape: readonly number[]): Value;
  concat(parts: readonly Value[], axis: number): Value;
  split(x: Value, sizes: readonly number[], axis: number): Value[];
}

const as = (value: Value): tf.Tensor => value as tf.Tensor;

/** Through the ordinary ops: values are tensors. */
const ANYWHERE: Kernels = {
  scope: (run) => run(),
  of: (tensor) => tensor,
  tensor: as,
  numbers: (value) => as(value).dataSync() as Float32Array,
  zeros: (shape) => tf.zeros([...shape]),
  matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(as(a), as(b), transposeA, transposeB),
  add: (a, b) => tf.add(as(a), as(b)),
  sub: (a, b) => tf.sub(as(a), as(b)),
  mul: (a, b) => tf.mul(as(a), as(b)),
  div: (a, b) => tf.div(as(a), as(b)),
  addAll: (values) => tf.addN(values.map(as)),
  sigmoid: (x) => tf.sigmoid(as(x)),
  square: (x) => tf.square(as(x)),
  sqrt: (x) => tf.sqrt(as(x)),
  rsqrt: (x) => tf.rsqrt(as(x)),
  addNumber: (x, number) => tf.add(as(x), number),
  sum: (x, axis) => tf.sum(as(x), axis),
  mean: (x, axis) => tf.mean(as(x), axis, true),
  halfSquares: (x) => tf.mul(tf.sum(tf.square(as(x))), 0.5),
  clip: (x, limit) => tf.clipByValue(as(x), -limit, limit),
  reshape: (x, shape) => tf.reshape(as(x), [...shape]),
  concat: (parts, axis) => tf.concat(parts.map(as), axis),
  split: (x, sizes, axis) => tf.split(as(x), [...sizes], axis),
};

let native: NativeKernels | undefined;

/** The kernels of the backend in use. */
export function kernels(): Kernels {
  const backend = nativeBackend();
  if (backend === null) return ANYWHERE;
  if (native?.backend !== backend) native = new NativeKernels(backend);
  return native;
}

/** Whether a gradient is being taken, so that what is saved for it will be used. */
export const recording = (): boolean => tf.engine().state.gradientDepth > 0;
