import { beforeAll, expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { siluDense, siluResidual } from '../../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../../lib/tensor/tf.js';

beforeAll(async () => {
  await initBackend();
});

const rng = Rng.from('silu layers');
function random(name: string, shape: number[]): tf.Tensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  rng.fork(name).fillNormal(values);
  return tf.tensor(values, shape);
}

const dense = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor | undefined, scale: number): tf.Tensor => {
  const product = tf.mul(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), scale);
  const z = b === undefined ? product : tf.add(product, b);
  return tf.mul(z, tf.sigmoid(z));
};

type Layer = (args: tf.Tensor[]) => tf.Tensor;
/** Value and gradients of sum(layer x cotangent), by tfjs's own gradients of the plain formula and by the layer's. */
function both(shapes: number[][], layer: Layer, formula: Layer): [number[][], number[][]] {
  const inputs = shapes.map((shape, i) => random(`input ${i}`, shape));
  const evaluate = (f: Layer): number[][] =>
    tf.tidy(() => {
      const cotangent = random('cotangent', f(inputs).shape);
      const { grads } = tf.valueAndGrads((...args) => tf.sum(tf.mul(f(args), cotangent)) as tf.Scalar)(inputs);
      return [f(inputs), ...grads].map((t) => Array.from(t.dataSync()));
    });
  const found = evaluate(layer);
  const expected = evaluate(formula);
  tf.dispose(inputs);
  return [found, expected];
}

function expectEqual([found, expected]: [number[][], number[][]]): void {
  expect(found.map((x) => x.length)).toEqual(expected.map((x) => x.length));
  expected.forEach((values, i) => {
    const size = Math.max(...values.map(Math.abs));
    values.forEach((v, k) => expect(Math.abs((found[i]?.[k] as number) - v)).toBeLessThan(1e-5 * size));
  });
}

test.each([true, false])('an activated dense layer is silu(scale x W + b), with its gradients (bias: %s)', (biased) => {
  const before = tf.memory().numTensors;
  const shapes = [[7, 5], [5, 3], ...(biased ? [[3]] : [])];
  const layer: Layer = ([x, weight, bias]) =>
    siluDense(x as tf.Tensor2D, {
      weight: weight as tf.Tensor2D,
      bias: (bias as tf.Tensor1D | undefined) ?? null,
      scale: 1.7,
    });
  expectEqual(both(shapes, layer, ([x, w, b]) => dense(x as tf.Tensor, w as tf.Tensor, b, 1.7)));
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  [true, 1],
  [false, Math.SQRT1_2],
])('a residual layer is skip (x + silu(silu(x W1) W2)), with its gradients (bias: %s, skip: %s)', (biased, skip) => {
  const before = tf.memory().numTensors;
  const shapes = [[7, 4], [4, 4], [4, 4], ...(biased ? [[4], [4]] : [])];
  const layer: Layer = ([x, w1, w2, b1, b2]) =>
    siluResidual(
      x as tf.Tensor2D,
      { weight: w1 as tf.Tensor2D, bias: (b1 as tf.Tensor1D | undefined) ?? null, scale: 1.3 },
      { weight: w2 as tf.Tensor2D, bias: (b2 as tf.Tensor1D | undefined) ?? null, scale: 0.6 },
      skip,
    );
  const formula: Layer = ([x, w1, w2, b1, b2]) => {
    const inner = dense(dense(x as tf.Tensor, w1 as tf.Tensor, b1, 1.3), w2 as tf.Tensor, b2, 0.6);
    return tf.mul(tf.add(x as tf.Tensor, inner), skip);
  };
  expectEqual(both(shapes, layer, formula));
  expect(tf.memory().numTensors).toBe(before);
});

test('far from zero the activation is 0 and x', () => {
  tf.tidy(() => {
    const x = tf.tensor2d([-1000, -90, 90, 1000], [4, 1]);
    const y = siluDense(x, { weight: tf.tensor2d([1], [1, 1]), bias: null });
    const [a, b, c, d] = y.dataSync() as Float32Array;
    expect([a, b].map((v) => Math.abs(v as number) < 1e-30)).toEqual([true, true]);
    expect([c, d]).toEqual([90, 1000]);
  });
});
