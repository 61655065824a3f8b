import fc from 'fast-check';
import { latticeFromParameters, multiply, volume } from '../../../lib/crystal/lattice.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const triple = (min: number, max: number) => fc.tuple(real(min, max), real(min, max), real(min, max));

/** Cells that are not flat: angles from 60 to 115 degrees, lengths from 2.5 to 7 A. */
export const latticeArbitrary: fc.Arbitrary<Mat3> = fc
  .tuple(triple(2.5, 7), triple(60, 115))
  .map(([lengths, angles]) => latticeFromParameters(lengths as Vec3, angles as Vec3))
  .filter((l) => volume(l) > 10);

/** Whole-number matrices of determinant 1. */
export const unimodularArbitrary: fc.Arbitrary<Mat3> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: -2, max: 2 })), { minLength: 1, maxLength: 4 })
  .map((shears) =>
    shears.reduce<Mat3>(
      (m, [place, amount]) => {
        const shear: Mat3 = [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ];
        const row = place % 3;
        const column = (row + 1 + Math.floor(place / 3)) % 3;
        (shear[row] as Vec3)[column] = amount;
        return multiply(shear, m);
      },
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
    ),
  );

/** One to six atoms of common elements anywhere, wrapped or not. */
export const crystalArbitrary: fc.Arbitrary<Crystal> = fc
  .tuple(
    latticeArbitrary,
    fc.array(fc.tuple(fc.constantFrom('Li', 'F', 'Mg', 'O', 'Ca', 'Ti', 'Si', 'Zn'), triple(-1.5, 2)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([lattice, atoms]) => ({
    lattice,
    species: atoms.map(([s]) => s),
    frac: atoms.map(([, f]) => f as Vec3),
  }));
