import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import { guardedStep, NotFinite } from '../../../lib/tensor/guarded-step.js';
import { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';

beforeAll(async () => {
  await initBackend();
});

/** What the optimizer is given for a loss whose gradient is `slope` in each of four weights. */
function given(slope: number, largest?: number): number[] {
  const parameters = new Parameters(Rng.from('step'));
  const layer = parameters.dense('layer', 2, 2, { bias: false });
  let seen: number[] = [];
  const adam = {
    step: (gradients: ReadonlyMap<string, tf.Tensor>) => {
      seen = [...gradients.values()].flatMap((g) => Array.from(g.dataSync()));
    },
  };
  const before = tf.memory().numTensors;
  try {
    guardedStep(parameters, adam, () => tf.sum(tf.mul(layer.weight, slope)) as tf.Scalar, largest);
    expect(tf.memory().numTensors).toBe(before);
    return seen;
  } finally {
    parameters.dispose();
  }
}

describe('a guarded step', () => {
  test('scales a gradient down to the largest norm, all elements alike', () => {
    expect(given(3, 2)).toEqual([1, 1, 1, 1]);
  });

  test('leaves a gradient within the norm, or without a bound, as it is', () => {
    expect(given(3, 6.001)).toEqual([3, 3, 3, 3]);
    expect(given(3)).toEqual([3, 3, 3, 3]);
  });

  test('refuses NaN and infinity, and takes what only overflows when squared', () => {
    expect(() => given(Number.NaN, 2)).toThrow(NotFinite);
    expect(() => given(Number.POSITIVE_INFINITY)).toThrow(NotFinite);
    expect(given(1e25)).toEqual(new Array(4).fill(Math.fround(1e25)));
  });
});
