import { NativeKernels } from './kernels-native.js';
import { nativeBackend } from './tensorflow-binding.js';
import { tf } from './tf.js';

type T = tf.Tensor;

/**
 * The ops that networks with a hand-written gradient are made of, without gradients of their own: call them inside
 * tf.customGrad or without a tape, and inside tf.tidy. Float32 throughout. On the native backend an op goes straight to
 * the library, at a third to a half of the cost of the same op through tf.*, which counts where tensors are small.
 */
export interface Kernels {
  /** a @ b of matrices or batches of them, either one transposed first. */
  matMul(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  sigmoid(x: T): T;
  square(x: T): T;
  sqrt(x: T): T;
  rsqrt(x: T): T;
  /** x + a number. */
  addNumber(x: T, number: number): T;
  /** Sum over one axis, which is left out. */
  sum(x: T, axis: number): T;
  /** Mean over one axis, which stays with length 1. */
  mean(x: T, axis: number): T;
  /** Half the sum of the squares of all numbers, a scalar. */
  halfSquares(x: T): T;
  /** Numbers cut to [-limit, limit]. */
  clip(x: T, limit: number): T;
  reshape(x: T, shape: readonly number[]): T;
  concat(parts: readonly T[], axis: number): T;
  split(x: T, sizes: readonly number[], axis: number): T[];
}

const ANYWHERE: Kernels = {
  matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  div: (a, b) => tf.div(a, b),
  sigmoid: (x) => tf.sigmoid(x),
  square: (x) => tf.square(x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.rsqrt(x),
  addNumber: (x, number) => tf.add(x, number),
  sum: (x, axis) => tf.sum(x, axis),
  mean: (x, axis) => tf.mean(x, axis, true),
  halfSquares: (x) => tf.mul(tf.sum(tf.square(x)), 0.5),
  clip: (x, limit) => tf.clipByValue(x, -limit, limit),
  reshape: (x, shape) => tf.reshape(x, [...shape]),
  concat: (parts, axis) => tf.concat([...parts], axis),
  split: (x, sizes, axis) => tf.split(x, [...sizes], axis),
};

let native: NativeKernels | undefined;

/** The kernels of the backend in use. */
export function kernels(): Kernels {
  const backend = nativeBackend();
  if (backend === null) return ANYWHERE;
  if (native?.backend !== backend) native = new NativeKernels(backend);
  return native;
}
