import fc from 'fast-check';
import { expect } from 'vitest';
import { inverse, multiply, rowTimes, toCartesian, toFractional, volume } from '../../../../lib/crystal/lattice.js';
import { minimumDistance } from '../../../../lib/crystal/neighbours.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../../../lib/scoring/evaluation.js';
import type { Scorer } from '../../../../plugins/contract/scorer.js';
import type { Crystal, Mat3, Vec3 } from '../../../../schemas/crystal.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { latticeArbitrary, unimodularArbitrary } from '../../../lib/crystal/arbitraries.js';

export async function evaluated(scorer: Scorer, crystal: Crystal): Promise<Evaluation> {
  const [result] = await scorer.evaluate([crystal]);
  if (!result || result instanceof LcomsError) throw result ?? new Error('no result');
  return result;
}

const place = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -1.5, max: 2, noNaN: true })));

/** Neutral crystals of 2 to 6 ions in cells of any shape, skewed ones too, no two atoms nearer than `nearest` (A). */
export const ionsArbitrary = (nearest: number): fc.Arbitrary<Crystal> =>
  fc
    .tuple<[Mat3, Mat3, string[], number[][]]>(
      latticeArbitrary,
      unimodularArbitrary,
      fc.constantFrom(
        ['Na', 'Cl'],
        ['Mg', 'O'],
        ['Ca', 'F', 'F'],
        ['Na', 'K', 'Cl', 'Cl'],
        ['Na', 'Na', 'Mg', 'F', 'F', 'O'],
      ),
      fc.array(place, { minLength: 6, maxLength: 6 }),
    )
    .map(([cell, shear, species, places]): Crystal => {
      const scale = Math.cbrt((25 * species.length) / volume(cell));
      const lattice = multiply(shear, cell).map((v) => v.map((x) => x * scale)) as Mat3;
      return { lattice, species, frac: places.slice(0, species.length) as Vec3[] };
    })
    .filter((c) => minimumDistance(c) > nearest);

/** The crystal in another place, order, cell and orientation, and repeated. */
function elsewhere(c: Crystal, shift: Vec3, shear: Mat3, times: [number, number, number]): Crystal {
  const frac: Vec3[] = [];
  const species: string[] = [];
  for (let u = 0; u < times[0]; u++) {
    for (let v = 0; v < times[1]; v++) {
      for (let w = 0; w < times[2]; w++) {
        for (const [i, f] of [...c.frac.entries()].reverse()) {
          frac.push([
            (f[0] + shift[0] + u) / times[0],
            (f[1] + shift[1] + v) / times[1],
            (f[2] + shift[2] + w) / times[2],
          ]);
          species.push(c.species[i] as string);
        }
      }
    }
  }
  const back = inverse(shear);
  const large = c.lattice.map((row, k) => row.map((x) => x * (times[k] as number))) as Mat3;
  const turned = multiply(shear, large).map(([x, y, z]): Vec3 => [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y, z]) as Mat3;
  return { lattice: turned, species, frac: frac.map((f) => rowTimes(f, back)) };
}

/** Forces (3n, eV/A) and stress (9, GPa) from energies alone, by central differences. */
export async function slopes(scorer: Scorer, c: Crystal): Promise<{ forces: number[]; stress: number[] }> {
  const energy = async (crystal: Crystal): Promise<number> => (await evaluated(scorer, crystal)).energy;
  const h = 1e-4;
  const slope = async (at: (by: number) => Crystal): Promise<number> =>
    ((await energy(at(h))) - (await energy(at(-h)))) / (2 * h);
  const forces: number[] = [];
  for (let i = 0; i < 3 * c.species.length; i++) {
    const moved = (by: number): Crystal => {
      const cart = toCartesian(c.frac, c.lattice);
      const atom = cart[Math.floor(i / 3)] as Vec3;
      atom[i % 3] = (atom[i % 3] as number) + by;
      return { ...c, frac: toFractional(cart, c.lattice) };
    };
    forces.push(-(await slope(moved)));
  }
  const stress: number[] = [];
  for (let k = 0; k < 9; k++) {
    const strained = (by: number): Crystal => {
      const m: Mat3 = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ];
      const row = m[Math.floor(k / 3)] as Vec3;
      row[k % 3] = (row[k % 3] as number) + by;
      return { ...c, lattice: multiply(c.lattice, m) };
    };
    stress.push(((await slope(strained)) * GPA_PER_EV_A3) / volume(c.lattice));
  }
  return { forces, stress };
}

/** The largest difference between what is given and what is expected, over the largest value expected or `floor`. */
export function relativeError(given: ArrayLike<number>, expected: ArrayLike<number>, floor: number): number {
  const size = Math.max(floor, ...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (x, i) => Math.abs(x - (given[i] as number)))) / size;
}

/** The energy of random ionic crystals is the same, to `tolerance` of its size, in another place, order, cell and supercell. */
export async function expectSameElsewhere(scorer: Scorer, nearest: number, tolerance: number): Promise<void> {
  const shift = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -2, max: 2, noNaN: true })));
  const times = fc.constantFrom<[number, number, number]>([1, 1, 1], [2, 1, 1], [1, 3, 1], [2, 1, 2]);
  await fc.assert(
    fc.asyncProperty(ionsArbitrary(nearest), shift, unimodularArbitrary, times, async (crystal, by, shear, n) => {
      const other = elsewhere(crystal, by as Vec3, shear, n);
      const [a, b] = [await evaluated(scorer, crystal), await evaluated(scorer, other)];
      const copies = n[0] * n[1] * n[2];
      expect(Math.abs(b.energy / copies - a.energy)).toBeLessThan(tolerance * Math.max(1, Math.abs(a.energy)));
    }),
    { numRuns: 25 },
  );
}
