import { afterAll, describe, expect, it } from 'vitest';
import { layerNorm, leakyRelu, silu, softplus } from '../../../../lib/tensor/layers.js';
import { gatherRows, segmentMean, segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';

type Op = (x: tf.Tensor2D) => tf.Tensor;

const ids = () => tf.tensor1d([0, 2, 2, 1], 'int32');
const ones = (...shape: [number, number]) => tf.ones(shape) as tf.Tensor2D;

/** Everything that message-passing networks and objective models use, as functions of one positive [4, 5] tensor. */
export const OPS: Record<string, Op> = {
  matMul: (x) => tf.matMul(x, tf.transpose(x)),
  'matMul transposeA': (x) => tf.matMul(x, x, true, false),
  'matMul transposeB': (x) => tf.matMul(x, x, false, true),
  'matMul batched': (x) => tf.matMul(x.reshape([2, 2, 5]), tf.ones([2, 5, 3])),
  'matMul batched transposeB': (x) => tf.matMul(x.reshape([2, 2, 5]), x.reshape([2, 2, 5]), false, true),
  add: (x) => tf.add(x, tf.tensor1d([1, 2, 3, 4, 5])),
  addN: (x) => tf.addN([x, tf.square(x), tf.exp(x)]),
  'addN of many': (x) => tf.addN(Array.from({ length: 72 }, (_, i) => tf.mul(x, Math.cos(i)))),
  'concat of many': (x) => tf.concat(Array.from({ length: 20 }, (_, i) => tf.mul(x, Math.cos(i)))),
  sub: (x) => tf.sub(1, x),
  mul: (x) => tf.mul(x, tf.sum(x, 0)),
  div: (x) => tf.div(x, tf.add(x, tf.mean(x, 1, true))),
  cast: (x) => tf.mul(x, tf.cast(tf.greater(x, 0.8), 'float32')),
  neg: (x) => tf.neg(x),
  square: (x) => tf.square(x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.rsqrt(x),
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  log1p: (x) => tf.log1p(x),
  pow: (x) => tf.pow(x, tf.scalar(2.5)),
  abs: (x) => tf.abs(tf.sub(x, 0.8)),
  sin: (x) => tf.sin(x),
  cos: (x) => tf.cos(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  'tf.softplus': (x) => tf.softplus(x),
  'fill and step': (x) => tf.mul(x, tf.mul(tf.fill([4, 1], -0.25), tf.step(tf.sub(x, 0.8), 0.3))),
  relu: (x) => tf.relu(tf.sub(x, 0.8)),
  elu: (x) => tf.elu(tf.sub(x, 0.8)),
  maximum: (x) => tf.maximum(x, 0.8),
  minimum: (x) => tf.minimum(x, 0.8),
  clipByValue: (x) => tf.clipByValue(x, 0.5, 1.1),
  where: (x) => tf.where(tf.greater(x, 0.8), tf.square(x), tf.zerosLike(x)),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => tf.logSumExp(x, 1),
  sum: (x) => tf.sum(x, 1),
  'sum axis 0': (x) => tf.sum(x, 0),
  mean: (x) => tf.mean(x),
  max: (x) => tf.max(x, 1),
  min: (x) => tf.min(x, 1),
  cumsum: (x) => tf.cumsum(x, 0),
  concat: (x) => tf.concat([x, tf.square(x)], 1),
  stack: (x) => tf.stack([x, tf.square(x)], 1),
  slice: (x) => tf.slice(x, [1, 1], [2, 3]),
  split: (x) => tf.mul(...(tf.split(x, [2, 2], 0) as [tf.Tensor, tf.Tensor])),
  reshape: (x) => tf.reshape(x, [2, 10]),
  transpose: (x) => tf.square(tf.transpose(x)),
  tile: (x) => tf.mul(tf.tile(x, [2, 1]), tf.range(0, 40).reshape([8, 5])),
  pad: (x) =>
    tf.pad(x, [
      [1, 1],
      [0, 2],
    ]),
  expandDims: (x) => tf.mul(tf.expandDims(x, 1), tf.expandDims(x, 0)),
  'tf.gather': (x) => tf.gather(x, ids()),
  'tf.gather axis 1': (x) => tf.gather(x, ids(), 1),
  'tf.unsortedSegmentSum': (x) => tf.unsortedSegmentSum(x, ids(), 4),
  leakyRelu: (x) => leakyRelu(tf.sub(x, 0.8)),
  silu: (x) => silu(tf.sub(x, 0.8)),
  softplus: (x) => softplus(x),
  layerNorm: (x) => layerNorm(x, tf.tensor1d([1, 2, 3, 4, 5]), tf.tensor1d([0, 1, 0, 1, 0])),
  gatherRows: (x) => gatherRows(x, ids()),
  'gatherRows of 3 axes': (x) => gatherRows(x.reshape([4, 5, 1]).mul(tf.ones([1, 1, 3])), ids()),
  segmentSum: (x) => segmentSum(x, ids(), 4),
  segmentMean: (x) => segmentMean(x, ids(), 4),
  'message passing': (x) => {
    const message = silu(tf.matMul(tf.concat([gatherRows(x, ids()), gatherRows(x, ids())], 1), ones(10, 3)));
    return segmentSum(message as tf.Tensor2D, ids(), 4);
  },
};

const START = Float32Array.from({ length: 20 }, (_, i) => 0.15 + ((i * 7) % 20) * 0.083);

interface Outcome {
  value: number[];
  gradient: number[];
}

/** Sum with uneven weights, so that no two entries can be swapped unseen. */
const weigh = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(y, tf.cos(tf.range(0, y.size)).reshape(y.shape))) as tf.Scalar;

/** Value and gradient of the weighted sum of op(x). */
export function evaluate(op: Op): Outcome {
  return tf.tidy(() => {
    const x = tf.tensor2d(START.slice(), [4, 5]);
    const gradient = tf.grad((v) => weigh(op(v as tf.Tensor2D)))(x);
    return { value: [...op(x).dataSync()], gradient: [...gradient.dataSync()] };
  });
}

/**
 * Every op, forward and gradient, against another backend of tfjs, by default the one in plain JavaScript. Call after
 * initBackend.
 */
export function opsSuite(judge = 'cpu'): void {
  describe(`ops and their gradients agree with ${judge}`, () => {
    const backend = tf.getBackend();
    afterAll(async () => {
      await tf.setBackend(backend);
    });

    it('compares two backends', () => {
      expect(backend).not.toBe(judge);
      expect(tf.findBackend(judge)).toBeTruthy();
    });

    it.each(Object.keys(OPS))('%s', async (name) => {
      await tf.setBackend(backend);
      const found = evaluate(OPS[name] as Op);
      await tf.setBackend(judge);
      const expected = evaluate(OPS[name] as Op);
      expectClose(found.value, expected.value);
      expectClose(found.gradient, expected.gradient);
    });
  });
}

/**
 * Every gradient against fourth-order differences of the op's own values: backends share the formulas of gradients, so
 * that they agree does not make them right. No entry of START lies within two steps of a kink of an op.
 */
export function differencesSuite(): void {
  describe('gradients agree with finite differences', () => {
    const h = 5e-3;
    const at = (op: Op, entry: number, by: number): number =>
      tf.tidy(() => {
        const values = START.slice();
        values[entry] = (values[entry] as number) + by;
        return weigh(op(tf.tensor2d(values, [4, 5]))).dataSync()[0] as number;
      });

    it.each(Object.keys(OPS))('%s', (name) => {
      const op = OPS[name] as Op;
      const { gradient } = evaluate(op);
      const size = Math.max(...gradient.map(Math.abs), 1);
      for (const [i, slope] of gradient.entries()) {
        const [a, b, c, d] = [-2, -1, 1, 2].map((k) => at(op, i, k * h)) as [number, number, number, number];
        expect(Math.abs((a - 8 * b + 8 * c - d) / (12 * h) - slope), `entry ${i}`).toBeLessThan(2e-3 * size);
      }
    });
  });
}

export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i] as number;
    expect(Math.abs((found[i] as number) - wanted), `entry ${i}`).toBeLessThanOrEqual(
      tolerance * (1 + Math.abs(wanted)),
    );
  }
}
