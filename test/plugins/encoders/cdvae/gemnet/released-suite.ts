import { describe, expect, test } from 'vitest';
import { tf } from '../../../../../lib/tensor/tf.js';
import { disposeBatch } from '../../../../../plugins/encoders/cdvae/gemnet/batch.js';
import { batchOf, hashed, hashedLatents, hashedNetwork, released } from './released.js';

const { crystals, full, narrow } = released();

const size = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));
/** Length of the difference over length of the expected. */
const relative = (found: ArrayLike<number>, expected: ArrayLike<number>) =>
  size(Array.from(found, (v, i) => v - (expected[i] as number))) / size(expected);

/**
 * Holds the backend in use against mattergen's network. Two backends within half of 1e-4 of it agree to 1e-4.
 */
export function releasedSuite(): void {
  describe.each([
    ['of full size', full],
    ['with two narrow blocks', narrow],
  ])("GemNet-T %s, beside mattergen's", (_, { options, edges, vectors }) => {
    test('has the same edges', () => {
      const found = crystals.map((crystal) => {
        const batch = batchOf([crystal], options);
        disposeBatch(batch);
        return batch.edges;
      });
      expect(found).toEqual(edges);
    });

    test(`gives the same vectors for ${crystals.length} crystals`, () => {
      const { parameters, network } = hashedNetwork(options);
      const batch = batchOf(crystals, options);
      const latents = hashedLatents(crystals.length, options);
      const found = tf.tidy(() => network.apply(batch, latents).dataSync() as Float32Array);
      let at = 0;
      for (const { species } of crystals) {
        const own = vectors.slice(at, at + 3 * species.length);
        const mine = found.subarray(at, at + 3 * species.length);
        at += 3 * species.length;
        // Where symmetry makes all vectors vanish there is nothing to be relative to but what vectors are elsewhere.
        const typical = size(vectors) / Math.sqrt(vectors.length / own.length);
        expect(size(mine.map((v, i) => v - (own[i] as number))) / Math.max(size(own), 1e-2 * typical)).toBeLessThan(
          5e-5,
        );
      }
      expect(at).toBe(vectors.length);
      disposeBatch(batch);
      latents.dispose();
      parameters.dispose();
    });
  });

  test("gives the gradients of mattergen's network, for every weight and the latents", () => {
    const { options, species, gradients } = narrow;
    const { parameters, network } = hashedNetwork(options);
    const batch = batchOf(crystals, options);
    const latents = tf.variable(hashedLatents(crystals.length, options));
    const cotangent = tf.tensor2d(Float32Array.from(hashed('cotangent', 3 * batch.atoms)), [batch.atoms, 3]);
    const loss = () => tf.sum(tf.mul(network.apply(batch, latents as tf.Tensor2D), cotangent)) as tf.Scalar;
    const found = parameters.gradients(loss);
    const ofLatents = tf.variableGrads(loss, [latents]).grads[latents.name] as tf.Tensor;

    const expected = new Map(Object.entries(gradients));
    expect([...found.gradients.keys()].sort()).toEqual(
      [...expected.keys()]
        .filter((name) => name !== 'latents')
        .map((name) => `decoder.${name}`)
        .sort(),
    );
    for (const [name, values] of expected) {
      const mine = name === 'latents' ? ofLatents : (found.gradients.get(`decoder.${name}`) as tf.Tensor);
      const rows = name === 'species.weight' ? tf.gather(mine, tf.tensor1d(species, 'int32')) : mine;
      expect(relative(rows.dataSync() as Float32Array, values), name).toBeLessThan(1e-3);
    }
    disposeBatch(batch);
    parameters.dispose();
  });
}
