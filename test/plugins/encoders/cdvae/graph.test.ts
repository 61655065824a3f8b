import { describe, expect, test } from 'vitest';
import { neighbourListFlat } from '../../../../lib/crystal/neighbours.js';
import { Rng } from '../../../../lib/random/rng.js';
import { ANGULAR, pairLength, periodicCell, sumPairBasis } from '../../../../plugins/encoders/cdvae/graph.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';
import { copper, randomCrystal, rocksalt, rutile } from './crystals.js';

const R = 6;

function basis(crystal: Crystal, neighbours = 28): { sums: Float32Array; cutoff: number } {
  const n = crystal.species.length;
  const cell = periodicCell(crystal.lattice, n, neighbours);
  const sums = new Float32Array(n * n * pairLength(R));
  sumPairBasis(cell, Float64Array.from(crystal.frac.flat()), R, sums, 0);
  return { sums, cutoff: cell.cutoff };
}

/** The same sums from the package's neighbour list, pair by pair. */
function fromNeighbourList(crystal: Crystal, cutoff: number): Float64Array {
  const n = crystal.species.length;
  const list = neighbourListFlat(
    Float64Array.from(crystal.lattice.flat()),
    Float64Array.from(crystal.frac.flat()),
    cutoff,
  );
  const out = new Float64Array(n * n * ANGULAR * R);
  for (let e = 0; e < list.count; e++) {
    const u = (list.distance[e] as number) / cutoff;
    const envelope = 0.25 * (1 - 28 * u ** 6 + 48 * u ** 7 - 21 * u ** 8);
    for (let r = 0; r < R; r++) {
      const g = envelope * Math.exp(-0.5 * (((u - 0.2) * (R - 1)) / 0.8 - r) ** 2);
      const at = ((list.source[e] as number) * n + (list.target[e] as number)) * R + r;
      const block = n * n * R;
      out[at] = (out[at] as number) + g;
      const [x, y, z] = [0, 1, 2].map((k) => (list.vector[3 * e + k] as number) / (list.distance[e] as number)) as Vec3;
      const root3 = Math.sqrt(3);
      const second = [root3 * x * y, root3 * y * z, root3 * x * z, (root3 / 2) * (x * x - y * y), (3 * z * z - 1) / 2];
      [x, y, z, ...second].forEach((part, k) => {
        const to = at + (k + 1) * block;
        out[to] = (out[to] as number) + g * part;
      });
    }
  }
  return out;
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] as number))), 0);

describe('periodic basis sums', () => {
  const rng = Rng.from('graph');
  const crystals: [string, Crystal][] = [
    ['one atom', copper],
    ['rocksalt', rocksalt('Na', 'Cl', 5.64)],
    ['rutile', rutile],
    ['a skewed cell', randomCrystal(rng, ['Na', 'Cl', 'O'])],
    [
      '20 atoms',
      randomCrystal(
        rng,
        Array.from({ length: 20 }, () => 'Si'),
      ),
    ],
    ['atoms outside the cell', { ...rutile, frac: rutile.frac.map((f) => f.map((x) => x * 7 - 3) as typeof f) }],
    [
      'a flat cell',
      {
        lattice: [
          [14, 0, 0],
          [0, 2.2, 0],
          [0.8, 1, 2.3],
        ],
        species: ['C', 'C'],
        frac: [
          [0.1, 0.2, 0.3],
          [0.55, 0.9, 0.6],
        ],
      },
    ],
  ];
  test.each(crystals)('agree with the neighbour list: %s', (_, crystal) => {
    const { sums, cutoff } = basis(crystal);
    expect(furthest(sums, fromNeighbourList(crystal, cutoff))).toBeLessThan(1e-5);
  });

  test('change smoothly where a neighbour crosses the cutoff', () => {
    const at = (x: number): Float32Array =>
      basis({
        ...rutile,
        frac: rutile.frac.map((f, i) => (i === 2 ? [f[0] + x, f[1], f[2]] : f) as typeof f),
      }).sums;
    for (let x = 0; x < 0.5; x += 0.01) expect(furthest(at(x), at(x + 1e-4))).toBeLessThan(2e-3);
  });

  test('the cutoff is that of the supercell and grows with the crystal', () => {
    const small = periodicCell(rutile.lattice, 6, 28);
    const [a, b, c] = rutile.lattice;
    expect(periodicCell([a, b, c.map((x) => 2 * x) as typeof c], 12, 28).cutoff).toBeCloseTo(small.cutoff, 10);
    const double = rutile.lattice.map((row) => row.map((x) => 2 * x)) as typeof rutile.lattice;
    expect(periodicCell(double, 6, 28).cutoff).toBeCloseTo(2 * small.cutoff, 10);
  });
});
