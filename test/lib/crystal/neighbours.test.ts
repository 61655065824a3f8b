import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covalentRadius } from '../../../lib/crystal/element-data.js';
import { inverse, multiply, rowTimes } from '../../../lib/crystal/lattice.js';
import {
  minimumDistance,
  minimumDistanceRatio,
  type NeighbourList,
  nearestNeighbours,
  neighbourList,
} from '../../../lib/crystal/neighbours.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { crystalArbitrary, unimodularArbitrary } from './arbitraries.js';
import { geometry, ROCKSALT } from './fixtures.js';

const pairsOf = (l: NeighbourList): number[][] =>
  Array.from({ length: l.count }, (_, p) => [
    l.source[p] as number,
    l.target[p] as number,
    ...l.image.subarray(3 * p, 3 * p + 3),
  ]).sort((a, b) => a.map((x, k) => x - (b[k] as number)).find((x) => x !== 0) ?? 0);
const sorted = (x: ArrayLike<number>): number[] => Array.from(x).sort((a, b) => a - b);
/** Distances with those that rounding may put on either side of the cutoff left out. */
const inside = (c: Crystal, cutoff: number): number[] =>
  sorted(neighbourList(c, cutoff + 1e-6).distance).filter((d) => d < cutoff - 1e-6);
function close(a: number[], b: number[]): void {
  expect(a.length).toBe(b.length);
  for (const [i, x] of a.entries()) expect(Math.abs(x - (b[i] as number))).toBeLessThan(1e-7);
}

describe('neighbour lists', () => {
  it('equal those of ASE on 200 random cells, skewed ones and unwrapped atoms too', () => {
    for (const cell of geometry.cells) {
      const expected = Array.from({ length: cell.pairs.length / 5 }, (_, p) => cell.pairs.slice(5 * p, 5 * p + 5));
      expect(pairsOf(neighbourList(cell, cell.cutoff))).toEqual(expected);
    }
  });

  it('hold vectors and distances that follow from source, target and image', () => {
    for (const cell of geometry.cells.slice(0, 30)) {
      const list = neighbourList(cell, cell.cutoff);
      for (let p = 0; p < list.count; p++) {
        const [a, b] = [cell.frac[list.source[p] as number] as Vec3, cell.frac[list.target[p] as number] as Vec3];
        const f = b.map((x, k) => x + (list.image[3 * p + k] as number) - (a[k] as number)) as Vec3;
        const v = rowTimes(f, cell.lattice);
        for (let k = 0; k < 3; k++) expect(list.vector[3 * p + k]).toBeCloseTo(v[k] as number, 9);
        expect(list.distance[p]).toBeCloseTo(Math.hypot(...v), 9);
      }
    }
  });

  it('are sorted by source and distance, with both directions of a pair equal bit for bit', () => {
    fc.assert(
      fc.property(crystalArbitrary, (c) => {
        const list = neighbourList(c, 4);
        const found = new Map<string, number>();
        for (let p = 0; p < list.count; p++) {
          if (p > 0 && list.source[p] === list.source[p - 1])
            expect(list.distance[p]).toBeGreaterThanOrEqual(list.distance[p - 1] as number);
          else if (p > 0) expect(list.source[p]).toBeGreaterThan(list.source[p - 1] as number);
          found.set(
            `${list.source[p]},${list.target[p]},${list.image.subarray(3 * p, 3 * p + 3)}`,
            list.distance[p] as number,
          );
        }
        for (let p = 0; p < list.count; p++) {
          const back = Array.from(list.image.subarray(3 * p, 3 * p + 3), (x) => (x === 0 ? 0 : -x));
          expect(found.get(`${list.target[p]},${list.source[p]},${back}`)).toBe(list.distance[p]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('hold the same distances after translation, permutation and a unimodular change of cell', () => {
    fc.assert(
      fc.property(crystalArbitrary, unimodularArbitrary, fc.double({ min: -2, max: 2, noNaN: true }), (c, m, shift) => {
        const back = inverse(m).map((row) => row.map(Math.round)) as Mat3;
        const changed: Crystal = {
          lattice: multiply(m, c.lattice),
          species: [...c.species].reverse(),
          frac: [...c.frac].reverse().map((f) => rowTimes([f[0] + shift, f[1] - shift, f[2] + 0.5 * shift], back)),
        };
        close(inside(changed, 4.5), inside(c, 4.5));
      }),
      { numRuns: 50 },
    );
  });

  it('give rocksalt six neighbours of the other kind, then twelve of its own', () => {
    const list = neighbourList(ROCKSALT, 4.1);
    expect(list.count).toBe(36);
    expect(Array.from(list.target.subarray(0, 18))).toEqual([1, 1, 1, 1, 1, 1, ...Array(12).fill(0)]);
    const nearest = nearestNeighbours(ROCKSALT, 4.1, 6);
    expect(Array.from(nearest.source)).toEqual([...Array(6).fill(0), ...Array(6).fill(1)]);
    expect(sorted(nearest.distance)[11]).toBeCloseTo(2.82, 10);
  });

  it('grow past their first capacity', () => {
    expect(neighbourList(ROCKSALT, 25).count).toBeGreaterThan(5000);
  });

  it('refuse a flat lattice and a cutoff that is not positive', () => {
    const flat: Crystal = {
      ...ROCKSALT,
      lattice: [
        [1, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
      ],
    };
    expect(() => neighbourList(flat, 3)).toThrow(expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }));
    for (const cutoff of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => neighbourList(ROCKSALT, cutoff)).toThrow(expect.objectContaining({ code: 'LCOMS_E_INPUT' }));
  });
});

describe('smallest distances', () => {
  it('equal those of ASE', () => {
    for (const cell of geometry.cells) expect(minimumDistance(cell)).toBeCloseTo(cell.minimumDistance, 8);
  });

  it('count an atom and its own image', () => {
    const c: Crystal = {
      lattice: [
        [3, 0, 0],
        [0, 9, 0],
        [0, 0, 9],
      ],
      species: ['Si'],
      frac: [[0, 0, 0]],
    };
    expect(minimumDistance(c)).toBeCloseTo(3, 12);
    expect(minimumDistanceRatio(c)).toBeCloseTo(3 / 2.22, 12);
  });

  it('give the ratio of a brute-force search', () => {
    for (const cell of geometry.cells) {
      const list = neighbourList(cell, 16);
      let smallest = Number.POSITIVE_INFINITY;
      for (let p = 0; p < list.count; p++) {
        const [i, j] = [list.source[p] as number, list.target[p] as number];
        const sum = covalentRadius(cell.species[i] as string) + covalentRadius(cell.species[j] as string);
        smallest = Math.min(smallest, (list.distance[p] as number) / sum);
      }
      expect(minimumDistanceRatio(cell)).toBeCloseTo(smallest, 10);
    }
  });
});
