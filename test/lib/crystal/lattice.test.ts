import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestImage, periodicDisplacement } from '../../../lib/crystal/displacement.js';
import {
  determinant,
  inverse,
  latticeFromParameters,
  latticeParameters,
  multiply,
  rowTimes,
  toCartesian,
  toFractional,
  volume,
  wrap,
} from '../../../lib/crystal/lattice.js';
import { neighbourList } from '../../../lib/crystal/neighbours.js';
import { niggliReduce } from '../../../lib/crystal/niggli.js';
import type { Mat3, Vec3 } from '../../../schemas/crystal.js';
import { crystalArbitrary, latticeArbitrary, unimodularArbitrary } from './arbitraries.js';
import { geometry } from './fixtures.js';

const flat = (m: number[][]): number[] => m.flat();
function close(a: number[], b: number[], tolerance: number): void {
  expect(a.length).toBe(b.length);
  for (const [i, x] of a.entries()) expect(Math.abs(x - (b[i] as number)), `${a}\n${b}`).toBeLessThan(tolerance);
}

describe('lattices', () => {
  it('from parameters equal those of pymatgen and give the parameters back', () => {
    for (const { lengths, angles, lattice } of geometry.parameters) {
      const built = latticeFromParameters(lengths, angles);
      close(flat(built), flat(lattice), 1e-9);
      const read = latticeParameters(built);
      close([...read.lengths, ...read.angles], [...lengths, ...angles], 1e-7);
    }
  });

  it('refuse parameters that no cell has', () => {
    for (const [lengths, angles] of [
      [
        [0, 1, 1],
        [90, 90, 90],
      ],
      [
        [1, 1, Number.NaN],
        [90, 90, 90],
      ],
      [
        [3, 3, 3],
        [120, 120, 130],
      ],
      [
        [3, 3, 3],
        [40, 40, 100],
      ],
    ] as [Vec3, Vec3][]) {
      expect(() => latticeFromParameters(lengths, angles)).toThrow(
        expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }),
      );
    }
  });

  it('turn fractional into Cartesian coordinates and back', () => {
    fc.assert(
      fc.property(crystalArbitrary, ({ lattice, frac }) => {
        close(flat(toFractional(toCartesian(frac, lattice), lattice)), flat(frac), 1e-9);
        close(flat(multiply(inverse(lattice), lattice)), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-9);
      }),
    );
  });

  it('wrap into [0, 1), rounding included', () => {
    expect(wrap([[-1e-18, 1, -0.25]])).toEqual([[0, 0, 0.75]]);
  });
});

describe('Niggli cells', () => {
  it('have the parameters of pymatgen on 200 random cells', () => {
    for (const cell of geometry.cells) {
      const { lengths, angles } = latticeParameters(niggliReduce(cell).lattice);
      close([...lengths, ...angles], cell.niggli, 1e-3);
    }
  });

  it('keep volume, handedness, species and distances, however the cell was chosen', () => {
    fc.assert(
      fc.property(crystalArbitrary, unimodularArbitrary, (c, m) => {
        const back = inverse(m).map((row) => row.map(Math.round)) as Mat3;
        const skewed = { ...c, lattice: multiply(m, c.lattice), frac: c.frac.map((f) => rowTimes(f, back)) };
        const reduced = niggliReduce(skewed);
        expect(reduced.species).toEqual(c.species);
        expect(volume(reduced.lattice)).toBeCloseTo(volume(c.lattice), 6);
        expect(Math.sign(determinant(reduced.lattice))).toBe(Math.sign(determinant(c.lattice)));
        const distances = (x: typeof c): number[] =>
          Array.from(neighbourList(x, 4.5 + 1e-6).distance)
            .sort((p, q) => p - q)
            .filter((d) => d < 4.5 - 1e-6);
        close(distances(reduced), distances(c), 1e-7);
      }),
      { numRuns: 60 },
    );
  });

  it('stay as they are when reduced again', () => {
    fc.assert(
      fc.property(crystalArbitrary, (c) => {
        const once = niggliReduce(c);
        expect(niggliReduce(once).lattice).toEqual(once.lattice);
      }),
      {
        examples: [
          [
            {
              lattice: [
                [2.249992749262769, 0, 1.0897397066570371],
                [-1.489331884454371, 1.7777835067793875, 0.9334869497307795],
                [0, 0, 2.5],
              ],
              species: ['Li'],
              frac: [[0, 0, 0]],
            },
          ],
        ],
      },
    );
  });
});

describe('periodic displacements', () => {
  it('lead to the image that a neighbour list finds nearest, skewed cells too', () => {
    for (const cell of geometry.cells) {
      const [a, b] = [cell.frac[0] as Vec3, cell.frac[1]];
      if (!b) continue;
      const list = neighbourList(cell, 12);
      let nearest = Number.POSITIVE_INFINITY;
      for (let p = 0; p < list.count; p++)
        if (list.source[p] === 0 && list.target[p] === 1) nearest = Math.min(nearest, list.distance[p] as number);
      const v = periodicDisplacement(a, b, cell.lattice);
      expect(Math.hypot(...v)).toBeCloseTo(nearest, 8);
    }
  });

  it('differ from the plain difference by whole translations', () => {
    fc.assert(
      fc.property(
        latticeArbitrary,
        unimodularArbitrary,
        fc.tuple(
          fc.double({ min: -3, max: 3, noNaN: true }),
          fc.double({ min: -3, max: 3, noNaN: true }),
          fc.double({ min: -3, max: 3, noNaN: true }),
        ),
        (l, m, f) => {
          const lattice = multiply(m, l);
          const [v] = toFractional([nearestImage(lattice)([0, 0, 0], f as Vec3)], lattice) as [Vec3];
          for (let k = 0; k < 3; k++) {
            const shift = (v[k] as number) - (f[k] as number);
            expect(Math.abs(shift - Math.round(shift))).toBeLessThan(1e-6);
          }
        },
      ),
    );
  });
});
