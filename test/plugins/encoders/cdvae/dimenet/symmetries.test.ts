import { beforeAll, describe, expect, test } from 'vitest';
import { multiply } from '../../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../../lib/random/rng.js';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { tf } from '../../../../../lib/tensor/tf.js';
import { dimenetBatch, disposeBatch } from '../../../../../plugins/encoders/cdvae/dimenet/batch.js';
import { dimenetGraph } from '../../../../../plugins/encoders/cdvae/dimenet/graph.js';
import { DimenetPlusPlus } from '../../../../../plugins/encoders/cdvae/dimenet/network.js';
import type { Crystal, Mat3, Vec3 } from '../../../../../schemas/crystal.js';
import { caesiumChloride, copper, randomCrystal, rocksalt, rotation, rutile, zincblende } from '../crystals.js';
import { NARROW, referenceWeights } from './reference.js';

const rng = Rng.from('dimenet symmetries');
const random = randomCrystal(rng, ['Na', 'Cl', 'Cl', 'O', 'Mg']);
const crystals: [string, Crystal][] = [
  ['a random crystal', random],
  ['rutile', rutile],
  ['rocksalt', rocksalt('Na', 'Cl', 5.64)],
  ['zincblende', zincblende('Zn', 'S', 5.41)],
  ['caesium chloride', caesiumChloride('Cs', 'Cl', 4.12)],
  ['copper', copper],
];

function features(list: readonly Crystal[], options = NARROW): Float32Array[] {
  const parameters = new Parameters(rng);
  const network = new DimenetPlusPlus(parameters, 'dimenet', options);
  parameters.load(referenceWeights('narrow', parameters, 'dimenet'));
  const batch = dimenetBatch(
    list.map((c) => dimenetGraph(c, options)),
    options,
  );
  const values = tf.tidy(() => network.apply(batch).dataSync() as Float32Array);
  disposeBatch(batch);
  parameters.dispose();
  return list.map((_, c) => values.slice(c * options.features, (c + 1) * options.features));
}

const distance = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((x, k) => Math.abs(x - (b[k] as number)))) / Math.max(...a.map(Math.abs));

/** Base vectors are rows: new = change . old; fractional coordinates go with the inverse. */
function rebased(c: Crystal, change: Mat3, inverse: Mat3): Crystal {
  const times = ([x, y, z]: Vec3, m: Mat3) =>
    [0, 1, 2].map((k) => x * (m[0][k] as number) + y * (m[1][k] as number) + z * (m[2][k] as number)) as Vec3;
  return { ...c, lattice: multiply(change, c.lattice), frac: c.frac.map((f) => times(f, inverse)) };
}

const turn = rotation(rng);
const same: [string, (c: Crystal) => Crystal][] = [
  ['turned', (c) => ({ ...c, lattice: multiply(c.lattice, turn) })],
  ['mirrored', (c) => ({ ...c, lattice: c.lattice.map(([x, y, z]) => [x, y, -z]) as Mat3 })],
  ['moved as a whole', (c) => ({ ...c, frac: c.frac.map(([x, y, z]) => [x + 0.31, y - 0.17, z + 2.4] as Vec3) })],
  [
    'with atoms in the reverse order',
    (c) => ({ ...c, species: [...c.species].reverse(), frac: [...c.frac].reverse() }),
  ],
  ['with atoms outside the cell', (c) => ({ ...c, frac: c.frac.map(([x, y, z], i) => [x + i, y - 2, z] as Vec3) })],
  [
    'in other base vectors',
    (c) =>
      rebased(
        c,
        [
          [1, 2, 0],
          [0, 1, -1],
          [0, 0, 1],
        ],
        [
          [1, -2, -2],
          [0, 1, 1],
          [0, 0, 1],
        ],
      ),
  ],
  [
    'as a supercell',
    (c) => ({
      lattice: [c.lattice[0], c.lattice[1].map((x) => 2 * x) as Vec3, c.lattice[2]],
      species: [...c.species, ...c.species],
      frac: [0, 0.5].flatMap((s) => c.frac.map(([x, y, z]) => [x, y / 2 + s, z] as Vec3)),
    }),
  ],
];

beforeAll(async () => {
  await initBackend();
});

describe.each(crystals)('%s', (_, crystal) => {
  test.each(same)('has the same features %s', (_how, change) => {
    const [before, after] = features([crystal, change(crystal)]) as [Float32Array, Float32Array];
    expect(distance(before, after)).toBeLessThan(1e-5);
  });
});

test('crystals do not see what else is in the batch', () => {
  const list = crystals.map(([, c]) => c);
  const together = features(list);
  list.forEach((c, k) => {
    expect(distance(features([c])[0] as Float32Array, together[k] as Float32Array)).toBeLessThan(1e-5);
    for (let m = 0; m < k; m++)
      expect(distance(together[m] as Float32Array, together[k] as Float32Array)).toBeGreaterThan(1e-2);
  });
});

test('angles tell apart what has equal distances', () => {
  // Chains with steps of 1.8 A, straight and bent by 120 degrees: second neighbours and other chains are out of reach.
  const step = 1.8;
  const options = { ...NARROW, cutoff: 3 };
  const chain = (length: number, aside: number): Crystal => ({
    lattice: [
      [length, 0, 0],
      [0, 12, 0],
      [0, 0, 12],
    ],
    species: ['Se', 'Se'],
    frac: [
      [0, 0, 0],
      [0.5, aside / 12, 0],
    ],
  });
  const chains = [chain(2 * step, 0), chain(Math.sqrt(3) * step, step / 2)];
  const graphs = chains.map((c) => dimenetGraph(c, options));
  for (const { edges } of graphs)
    expect(Array.from(edges.distance, (d) => d.toFixed(9))).toEqual(new Array(4).fill(step.toFixed(9)));
  const [straight, bent] = features(chains, options) as [Float32Array, Float32Array];
  expect(distance(straight, bent)).toBeGreaterThan(1e-3);
});

test('extremes give finite numbers: a lone atom, two atoms on one spot', () => {
  const cube = (a: number): Mat3 => [
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ];
  const [alone, stacked] = features([
    { lattice: cube(30), species: ['Ne'], frac: [[0, 0, 0]] },
    {
      lattice: cube(4),
      species: ['Na', 'Cl'],
      frac: [
        [0.2, 0.2, 0.2],
        [0.2, 0.2, 0.2],
      ],
    },
  ]) as [Float32Array, Float32Array];
  expect([...alone, ...stacked].every(Number.isFinite)).toBe(true);
});
