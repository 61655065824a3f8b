import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { kernels, type Value } from '../../../../lib/tensor/kernels.js';
import { Parameters } from '../../../../lib/tensor/parameters.js';
import { siluDense, siluResidual } from '../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../lib/tensor/tf.js';

const values = (shape: number[], seed: number): tf.Tensor => {
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  Rng.from(`kernels/${seed}`).fillNormal(out);
  return tf.tensor(out, shape);
};

/** Every op of Kernels, beside what the ordinary ops of the same backend give. */
export function kernelResults(): { name: string; found: Float32Array; wanted: Float32Array }[] {
  const k = kernels();
  return tf.tidy(() => {
    const [a, b, square] = [values([2, 3, 4], 1), values([2, 3, 4], 2), values([2, 4, 3], 3)];
    const positive = tf.add(tf.square(a), 0.5);
    const data = (x: tf.Tensor): Float32Array => Float32Array.from(x.dataSync() as Float32Array);
    return k.scope(() => {
      const [x, y, z, p] = [k.of(a), k.of(b), k.of(square), k.of(positive)];
      const pairs: Record<string, [Value, tf.Tensor]> = {
        zeros: [k.zeros([2, 2]), tf.zeros([2, 2])],
        matMul: [k.matMul(x, z), tf.matMul(a, square)],
        'matMul, first transposed': [k.matMul(x, y, true), tf.matMul(a, b, true)],
        'matMul, second transposed': [k.matMul(x, y, false, true), tf.matMul(a, b, false, true)],
        add: [k.add(x, y), tf.add(a, b)],
        sub: [k.sub(x, y), tf.sub(a, b)],
        mul: [k.mul(x, y), tf.mul(a, b)],
        div: [k.div(x, p), tf.div(a, positive)],
        addAll: [k.addAll([x, y, p]), tf.addN([a, b, positive])],
        sigmoid: [k.sigmoid(x), tf.sigmoid(a)],
        square: [k.square(x), tf.square(a)],
        sqrt: [k.sqrt(p), tf.sqrt(positive)],
        rsqrt: [k.rsqrt(p), tf.rsqrt(positive)],
        addNumber: [k.addNumber(x, 0.25), tf.add(a, 0.25)],
        sum: [k.sum(x, 1), tf.sum(a, 1)],
        mean: [k.mean(x, 2), tf.mean(a, 2, true)],
        halfSquares: [k.halfSquares(x), tf.mul(tf.sum(tf.square(a)), 0.5)],
        clip: [k.clip(x, 0.5), tf.clipByValue(a, -0.5, 0.5)],
        reshape: [k.reshape(x, [6, 4]), tf.reshape(a, [6, 4])],
        concat: [k.concat([x, y], 1), tf.concat([a, b], 1)],
        split: [k.split(x, [1, 3], 2)[1] as Value, tf.split(a, [1, 3], 2)[1] as tf.Tensor],
      };
      return Object.entries(pairs).map(([name, [found, wanted]]) => ({
        name,
        found: Float32Array.from(k.numbers(found)),
        wanted: data(wanted),
      }));
    });
  });
}

/** Values and gradients of the fused layers (checked against plain ones in silu-layers.test.ts), so that their ops are seen. */
export function runSiluLayers(): void {
  const p = new Parameters(Rng.from('silu'));
  const [first, second] = [p.dense('first', 4, 4), p.dense('second', 4, 4)];
  const x = values([3, 4], 4) as tf.Tensor2D;
  for (const layer of [first, p.dense('bare', 4, 4, { bias: false })])
    tf.tidy(() =>
      tf
        .grad((v) => tf.sum(siluResidual(siluDense(v as tf.Tensor2D, layer), first, second)))(x)
        .dataSync(),
    );
  tf.tidy(() => {
    p.gradients(() => tf.sum(siluResidual(siluDense(x, first), first, second)) as tf.Scalar);
  });
  p.dispose();
  x.dispose();
}

/** Call after initBackend. */
export function rawKernelSuite(): void {
  describe('kernels without a tape', () => {
    it('give what the ordinary ops give', () => {
      const results = kernelResults();
      expect(results.length).toBeGreaterThan(20);
      for (const { name, found, wanted } of results) {
        expect(found.length, name).toBe(wanted.length);
        const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0);
        expect(worst, name).toBeLessThan(1e-5);
      }
    });
  });
}
