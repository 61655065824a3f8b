import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { disposeBatch } from '../../../../../plugins/encoders/cdvae/gemnet/batch.js';
import { heOrthogonal } from '../../../../../plugins/encoders/cdvae/gemnet/initial-weights.js';
import { GemNetT } from '../../../../../plugins/encoders/cdvae/gemnet/network.js';
import { gemnetOptionsSchema } from '../../../../../plugins/encoders/cdvae/gemnet/options.js';
import { randomCrystal } from '../crystals.js';
import { batchOf } from './released.js';

beforeAll(async () => {
  await initBackend();
});

describe('the weights that GemNet-T starts from', () => {
  test.each([
    [128, 128],
    [40, 128],
    [384, 16],
    [64, 1],
  ])('from %i to %i have mean 0 and variance 1 / inputs for every output', (inputs, outputs) => {
    const weights = heOrthogonal(Rng.from('start'), inputs, outputs);
    for (let o = 0; o < outputs; o++) {
      const own = Array.from({ length: inputs }, (_, i) => weights[i * outputs + o] as number);
      const mean = own.reduce((a, b) => a + b, 0) / inputs;
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect((own.reduce((sum, w) => sum + w * w, 0) * inputs) / (inputs - 1)).toBeCloseTo(1, 2);
    }
  });

  test('have next to no correlation between outputs', () => {
    const [inputs, outputs] = [128, 32];
    const weights = heOrthogonal(Rng.from('orthogonal'), inputs, outputs);
    for (let o = 1; o < outputs; o++) {
      let dot = 0;
      for (let i = 0; i < inputs; i++) dot += (weights[i * outputs] as number) * (weights[i * outputs + o] as number);
      // Independent normal deviates would reach 0.25; taking out the means leaves a little.
      expect(Math.abs(dot)).toBeLessThan(0.08);
    }
  });

  test('are fixed by the seed', () => {
    const bytes = (seed: string) => {
      const rng = Rng.from(seed);
      const parameters = new Parameters(rng);
      new GemNetT(parameters, rng, gemnetOptionsSchema.parse({ atomWidth: 8, edgeWidth: 8, blocks: 1 }));
      const saved = parameters.save();
      parameters.dispose();
      return saved;
    };
    expect(bytes('a')).toEqual(bytes('a'));
    expect(bytes('b')).not.toEqual(bytes('a'));
  });

  test('give vectors of order one at full size', () => {
    const rng = Rng.from('order one');
    const options = gemnetOptionsSchema.parse({});
    const parameters = new Parameters(rng);
    const network = new GemNetT(parameters, rng, options);
    expect(parameters.size).toBe(1_867_136);
    const crystals = [2, 3, 4, 6].map((n) => randomCrystal(rng, ['Na', 'Cl', 'O', 'Mg', 'Si', 'F'].slice(0, n)));
    const batch = batchOf(crystals, options);
    const latents = new Float32Array(4 * 256);
    rng.fillNormal(latents);
    const size = tf.tidy(() => {
      const vectors = network.apply(batch, tf.tensor2d(latents, [4, 256]));
      return Math.sqrt(tf.mean(tf.square(vectors)).dataSync()[0] as number);
    });
    expect(size).toBeGreaterThan(0.1);
    expect(size).toBeLessThan(30);
    disposeBatch(batch);
    parameters.dispose();
  });
});
