import { afterAll, describe, expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { dimenetBatch, disposeBatch } from '../../../../../plugins/encoders/cdvae/dimenet/batch.js';
import { dimenetGraph } from '../../../../../plugins/encoders/cdvae/dimenet/graph.js';
import { DimenetPlusPlus } from '../../../../../plugins/encoders/cdvae/dimenet/network.js';
import { PAPER_DIMENET } from '../../../../../plugins/encoders/cdvae/dimenet/options.js';
import { NARROW, noise, reference, referenceGradients, referenceWeights } from './reference.js';

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) => largest(Array.from(a, (v, k) => v - (b[k] as number)));

/** The network against PyTorch Geometric in double precision, on the backend that is in use. */
export function agreementSuite(): void {
  describe.each([
    ['narrow', NARROW],
    ['paper', PAPER_DIMENET],
  ] as const)('the %s network', (which, options) => {
    const parameters = new Parameters(Rng.from('agreement'));
    const network = new DimenetPlusPlus(parameters, 'dimenet', options);
    parameters.load(referenceWeights(which, parameters, 'dimenet'));
    const batch = dimenetBatch(
      reference.crystals.map((c) => dimenetGraph(c, options)),
      options,
    );

    test('gives the features of the reference for every crystal', () => {
      const features = tf.tidy(() => network.apply(batch).dataSync());
      reference.crystals.forEach((crystal, c) => {
        const found = features.subarray(c * options.features, (c + 1) * options.features);
        expect(furthest(found, crystal[which]), crystal.species.join('')).toBeLessThan(1e-4 * largest(crystal[which]));
      });
    });

    test.runIf(which === 'narrow')('gives the gradients of the reference for every parameter', () => {
      const size = reference.crystals.length * options.features;
      const weights = Float32Array.from({ length: size }, (_, k) => noise(reference.lossWeights + k));
      const shape: [number, number] = [reference.crystals.length, options.features];
      const { loss, gradients } = parameters.gradients(() =>
        tf.sum(tf.mul(network.apply(batch), tf.tensor2d(weights, shape))),
      );
      expect(loss.dataSync()[0]).toBeCloseTo(reference.loss, 4);
      const wanted = referenceGradients(parameters, 'dimenet');
      expect([...gradients.keys()].sort()).toEqual([...wanted.keys()].sort());
      for (const [name, values] of wanted) {
        const found = (gradients.get(name) as tf.Tensor).dataSync();
        expect(furthest(found, values), name).toBeLessThan(1e-3 * largest(values));
      }
    });

    test('leaves nothing behind', () => {
      const before = tf.memory().numTensors;
      network.apply(batch).dispose();
      expect(tf.memory().numTensors).toBe(before);
    });

    afterAll(() => {
      disposeBatch(batch);
      parameters.dispose();
    });
  });
}
