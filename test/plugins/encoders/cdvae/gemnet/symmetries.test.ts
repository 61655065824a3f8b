import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { multiply, rowTimes } from '../../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../../lib/random/rng.js';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { disposeBatch } from '../../../../../plugins/encoders/cdvae/gemnet/batch.js';
import { GemNetT } from '../../../../../plugins/encoders/cdvae/gemnet/network.js';
import { gemnetOptionsSchema } from '../../../../../plugins/encoders/cdvae/gemnet/options.js';
import type { Crystal, Vec3 } from '../../../../../schemas/crystal.js';
import { copper, randomCrystal, rocksalt, rotation, rutile } from '../crystals.js';
import { batchOf } from './released.js';

const options = gemnetOptionsSchema.parse({
  latentDimension: 4,
  atomWidth: 16,
  edgeWidth: 16,
  tripletWidth: 8,
  bilinearWidth: 8,
  radialFunctions: 32,
  neighbours: 12,
  // The defaults go with 128 Gaussians; projections of 32 have four times the variance.
  tripletRadialScales: [6],
  tripletSumScales: [2.5],
  outputRadialScales: [5],
});
let network: GemNetT;

beforeAll(async () => {
  await initBackend();
  const rng = Rng.from('symmetries');
  network = new GemNetT(new Parameters(rng), rng, options);
});

/** One vector an atom; every crystal has the latent given, or one of its own. */
function vectors(crystals: readonly Crystal[], latent = crystals.map((_, c) => 0.3 * c - 0.2)): Vec3[] {
  const batch = batchOf(crystals, options);
  const values = tf.tidy(() => {
    const latents = tf.tile(tf.tensor2d(latent, [latent.length, 1]), [1, options.latentDimension]) as tf.Tensor2D;
    return network.apply(batch, latents).arraySync() as Vec3[];
  });
  disposeBatch(batch);
  return values;
}

/** Largest difference over the largest expected component. */
function difference(found: readonly Vec3[], expected: readonly Vec3[]): number {
  const largest = Math.max(...expected.flat().map(Math.abs));
  return Math.max(...found.flatMap((v, i) => v.map((x, k) => Math.abs(x - (expected[i] as Vec3)[k as 0])))) / largest;
}

describe('the vectors of GemNet-T', () => {
  const species = ['Na', 'Cl', 'Cl', 'O', 'Mg', 'Fe'];
  const seeds = fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: species.length }));
  const check = (change: (crystal: Crystal, plain: Vec3[], rng: Rng) => [Crystal, Vec3[]]) =>
    fc.assert(
      fc.property(seeds, ([seed, n]) => {
        const rng = Rng.from(seed);
        const crystal = randomCrystal(rng, species.slice(0, n));
        // One atom alone sits in a centre of inversion, where there is no vector.
        const plain = vectors([crystal], [0.3]);
        const [changed, expected] = change(crystal, plain, rng);
        const found = vectors([changed], [0.3]);
        if (n > 1) expect(difference(found, expected)).toBeLessThan(1e-4);
        else expect(Math.max(...found.flat().map(Math.abs))).toBeLessThan(1e-5);
      }),
      { numRuns: 12, seed: 1 },
    );

  test('turn with the crystal', () => {
    check((crystal, plain, rng) => {
      const turn = rotation(rng);
      return [{ ...crystal, lattice: multiply(crystal.lattice, turn) }, plain.map((v) => rowTimes(v, turn))];
    });
  });

  test('turn round when the crystal is inverted', () => {
    check((crystal, plain) => [
      { ...crystal, frac: crystal.frac.map((f) => f.map((x) => -x) as Vec3) },
      plain.map((v) => v.map((x) => -x) as Vec3),
    ]);
  });

  test('do not tell where the crystal is, nor by which images it is given', () => {
    check((crystal, plain) => [
      { ...crystal, frac: crystal.frac.map(([x, y, z], i) => [x + 0.37 + i, y - 0.2, z - 3 * i] as Vec3) },
      plain,
    ]);
  });

  test('are in the order of the atoms', () => {
    check((crystal, plain, rng) => {
      const order = rng.shuffle(crystal.species.map((_, i) => i));
      const of = <T>(values: readonly T[]): T[] => order.map((i) => values[i] as T);
      return [{ ...crystal, species: of(crystal.species), frac: of(crystal.frac) }, of(plain)];
    });
  });

  test('are those of any cell that the crystal is given in', () => {
    check((crystal, plain) => {
      const [a, b, c] = crystal.lattice;
      const doubled: Crystal = {
        lattice: [a.map((x) => 2 * x) as Vec3, b, c.map((x, k) => x + (b[k] as number)) as Vec3],
        species: [...crystal.species, ...crystal.species],
        frac: [0, 0.5].flatMap((s) => crystal.frac.map(([x, y, z]) => [x / 2 + s, y - z, z] as Vec3)),
      };
      return [doubled, [...plain, ...plain]];
    });
  });

  test('vanish where a crystal has a centre of inversion at every atom, whatever its shells of neighbours', () => {
    const symmetric = [rocksalt('Na', 'Cl', 5.6), copper, rocksalt('Cs', 'I', 4.1)];
    expect(Math.max(...vectors(symmetric).flat().map(Math.abs))).toBeLessThan(1e-5);
    // The metal in rutile too, not its oxygen.
    const [metal, , oxygen] = vectors([rutile]);
    expect(Math.hypot(...(metal as Vec3))).toBeLessThan(1e-5);
    expect(Math.hypot(...(oxygen as Vec3))).toBeGreaterThan(1e-2);
  });

  test('are those of a crystal alone, in whatever batch it comes', () => {
    const rng = Rng.from('batches');
    const crystals = [2, 1, 5, 3].map((n) => randomCrystal(rng, species.slice(0, n)));
    const latent = [0.1, -0.4, 0.7, 1.3];
    const alone = crystals.flatMap((crystal, c) => vectors([crystal], [latent[c] as number]));
    expect(difference(vectors(crystals, latent), alone)).toBeLessThan(1e-5);
  });

  test('depend on the latent and on the species', () => {
    const crystal = randomCrystal(Rng.from('latent'), species.slice(0, 3));
    const plain = vectors([crystal], [0.3]);
    expect(difference(vectors([crystal], [0.9]), plain)).toBeGreaterThan(1e-2);
    expect(difference(vectors([{ ...crystal, species: ['K', 'Cl', 'Cl'] }], [0.3]), plain)).toBeGreaterThan(1e-2);
  });

  test('are zero for an atom without neighbours, and finite where atoms lie on one spot', () => {
    const cell = (a: number, ...frac: Vec3[]): Crystal => ({
      lattice: [
        [a, 0, 0],
        [0, a, 0],
        [0, 0, a],
      ],
      species: frac.map(() => 'Ar'),
      frac,
    });
    expect(vectors([cell(20, [0, 0, 0])])).toEqual([[0, 0, 0]]);
    expect(vectors([cell(20, [0, 0, 0]), cell(5, [0, 0, 0], [0.3, 0, 0])])[0]).toEqual([0, 0, 0]);
    const onOneSpot = vectors([cell(5, [0.1, 0, 0], [0.1, 0, 0], [0.4, 0.3, 0.8])]).flat();
    expect(onOneSpot.every(Number.isFinite)).toBe(true);
  });

  test('are refused for what is no element, by name', () => {
    expect(() => vectors([{ ...copper, species: ['Xx'] }])).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_ELEMENT_UNKNOWN', message: expect.stringContaining('"Xx"') }),
    );
  });
});
