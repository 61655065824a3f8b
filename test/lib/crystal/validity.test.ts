import { expect, test } from 'vitest';
import { isStructurallyValid, requireApart } from '../../../lib/crystal/validity.js';
import type { Crystal, Vec3 } from '../../../schemas/crystal.js';

const cube = (a: number, ...frac: Vec3[]): Crystal => ({
  lattice: [
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ],
  species: frac.map(() => 'C'),
  frac,
});

test.each([
  ['apart', cube(4, [0, 0, 0], [0.5, 0.5, 0.5]), true],
  ['at 0.51 A', cube(4, [0, 0, 0], [0.51 / 4, 0, 0]), true],
  ['at 0.49 A', cube(4, [0, 0, 0], [0.49 / 4, 0, 0]), false],
  ['at 0.49 A through the wall of the cell', cube(4, [0.01, 0, 0], [1.01 - 0.49 / 4, 0, 0]), false],
  ['on top of each other', cube(4, [0, 0, 0], [0, 0, 0]), false],
  // The published code pads the diagonal: an atom's own images are not looked at.
  ['alone, 0.48 A from its own image', cube(0.48, [0, 0, 0]), true],
  ['in a cell of 0.097 A^3', cube(0.46, [0, 0, 0]), false],
  ['nowhere', cube(4, [0, 0, Number.NaN], [0.5, 0.5, 0.5]), false],
])('two atoms %s', (_, crystal, valid) => {
  expect(isStructurallyValid(crystal)).toBe(valid);
});

test.each([
  [cube(4, [0, 0, 0], [0.49 / 4, 0, 0], [0.5, 0.5, 0.5]), 'Atoms 1 and 2 are 0.490 A apart'],
  [cube(4, [0.5, 0.5, 0.5], [0.01, 0, 0], [1.01 - 0.3 / 4, 0, 0]), 'Atoms 2 and 3 are 0.300 A apart'],
  [cube(0.48, [0, 0, 0]), 'A base vector is 0.480 A long'],
  [cube(0.48, [0, 0, 0], [0, 0, 0]), 'A base vector'],
  // The short way between images is no edge of the cell.
  [
    {
      ...cube(9, [0, 0, 0]),
      lattice: [
        [9, 0, 0],
        [9, 0.4, 0],
        [0, 0, 9],
      ],
    } as Crystal,
    'Atom 1 and its own image are 0.4',
  ],
])('overlapping atoms are named: %#', (crystal, message) => {
  expect(() => requireApart(crystal)).toThrow(message);
  expect(() => requireApart(cube(4, [0, 0, 0], [0.51 / 4, 0, 0]))).not.toThrow();
});
