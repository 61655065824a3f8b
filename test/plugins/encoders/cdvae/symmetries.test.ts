import { beforeAll, describe, expect, test } from 'vitest';
import { multiply, rowTimes } from '../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { crystalBatch } from '../../../../plugins/encoders/cdvae/crystal-batch.js';
import { pairLength, sumPairBasis } from '../../../../plugins/encoders/cdvae/graph.js';
import { occupiedCell } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';
import { copper, randomCrystal, rotation, rutile } from './crystals.js';
import { modelOf, tinyOptions, untrained } from './harness.js';

const rng = Rng.from('symmetries');
const options = tinyOptions();
const crystal = randomCrystal(rng, ['Na', 'Cl', 'Cl', 'O', 'Mg']);
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] as number))), 0);

beforeAll(async () => {
  await initBackend();
});

const order = [3, 1, 4, 0, 2];
const permuted = (c: Crystal): Crystal => ({
  ...c,
  species: order.map((i) => c.species[i] as string),
  frac: order.map((i) => c.frac[i] as Vec3),
});

describe('the encoder', () => {
  const turn = rotation(rng);
  const supercell = (c: Crystal): Crystal => ({
    lattice: [c.lattice[0].map((x) => 2 * x) as Vec3, c.lattice[1], c.lattice[2]],
    species: [...c.species, ...c.species],
    frac: [0, 0.5].flatMap((s) => c.frac.map(([x, y, z]) => [x / 2 + s, y, z] as Vec3)),
  });
  const same: [string, (c: Crystal) => Crystal][] = [
    ['moved as a whole', (c) => ({ ...c, frac: c.frac.map(([x, y, z]) => [x + 0.31, y - 0.17, z + 2.4] as Vec3) })],
    ['turned', (c) => ({ ...c, lattice: multiply(c.lattice, turn) })],
    ['with its atoms in another order', permuted],
    [
      'with atoms given outside the cell',
      (c) => ({ ...c, frac: c.frac.map(([x, y, z], i) => [x + i, y - 2, z] as Vec3) }),
    ],
    [
      'in other base vectors',
      (c) => {
        const [a, b, third] = c.lattice;
        return {
          ...c,
          lattice: [a, b.map((x, k) => x + (a[k] as number)) as Vec3, third],
          frac: c.frac.map(([x, y, z]) => [x - y, y, z] as Vec3),
        };
      },
    ],
    ['as a supercell', supercell],
  ];
  test.each(same)('gives a crystal %s the same latent', async (_, change) => {
    for (const c of [crystal, rutile]) {
      if (change === permuted && c === rutile) continue;
      const { parameters, networks, scale } = untrained(options, [crystal, rutile, copper]);
      const model = modelOf({ parameters, networks, scale }, options, rng);
      const latents = await model.encode([c, change(c)]);
      model.dispose();
      const d = options.latentDimension;
      expect(furthest(latents.subarray(0, d), latents.subarray(d))).toBeLessThan(2e-5);
    }
  });

  test('gives other crystals other latents, in the order asked', async () => {
    const { parameters, networks, scale } = untrained(options, [crystal, rutile, copper]);
    const model = modelOf({ parameters, networks, scale }, options, rng);
    const d = options.latentDimension;
    const together = await model.encode([crystal, copper, rutile]);
    for (const [i, c] of [crystal, copper, rutile].entries())
      expect(furthest(await model.encode([c]), together.subarray(i * d, (i + 1) * d))).toBeLessThan(1e-5);
    expect(furthest(together.subarray(0, d), together.subarray(d, 2 * d))).toBeGreaterThan(1e-3);
    model.dispose();
  });
});

describe('the score decoder', () => {
  /** Vectors (5 x 3) for the crystal as given, without any reduction. */
  function scores(c: Crystal): Float32Array {
    const { parameters, networks, scale } = untrained(options, [crystal, rutile]);
    const cell = occupiedCell(c.lattice, c.species, options.neighbours);
    const pairs = new Float32Array(25 * pairLength(options.radialFunctions));
    sumPairBasis(cell.cell, Float64Array.from(c.frac.flat()), options.radialFunctions, pairs, 0);
    const values = tf.tidy(() => {
      const batch = crystalBatch([cell], pairs, options.radialFunctions, scale);
      const latents = tf.fill([1, options.latentDimension], 0.3) as tf.Tensor2D;
      return networks.decoder.apply(batch, latents, tf.fill([1, 1], 0.2)).score.dataSync() as Float32Array;
    });
    parameters.dispose();
    return values;
  }
  const plain = () => scores(crystal);

  test('turns its vectors with the crystal', () => {
    const turn = rotation(rng);
    const turned = scores({ ...crystal, lattice: multiply(crystal.lattice, turn) });
    const expected = [0, 1, 2, 3, 4].flatMap((i) => rowTimes([...plain().subarray(3 * i, 3 * i + 3)] as Vec3, turn));
    expect(furthest(turned, expected)).toBeLessThan(1e-5);
    expect(Math.max(...plain().map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test('turns its vectors round when the crystal is inverted', () => {
    const inverted = scores({ ...crystal, frac: crystal.frac.map((f) => f.map((x) => -x) as Vec3) });
    expect(
      furthest(
        inverted,
        plain().map((x) => -x),
      ),
    ).toBeLessThan(1e-5);
  });

  test('does not see where the crystal is, nor by which images it is given', () => {
    const moved = crystal.frac.map(([x, y, z], i) => [x + 0.37 + i, y - 0.2, z - 3 * i] as Vec3);
    expect(furthest(scores({ ...crystal, frac: moved }), plain())).toBeLessThan(1e-5);
  });

  test('gives atoms in another order the same vectors', () => {
    const expected = order.flatMap((i) => [...plain().subarray(3 * i, 3 * i + 3)]);
    expect(furthest(scores(permuted(crystal)), expected)).toBeLessThan(1e-5);
  });

  test('does not move the crystal as a whole', () => {
    for (let k = 0; k < 3; k++)
      expect(Math.abs([0, 1, 2, 3, 4].reduce((sum, i) => sum + (plain()[3 * i + k] as number), 0))).toBeLessThan(1e-5);
  });
});
