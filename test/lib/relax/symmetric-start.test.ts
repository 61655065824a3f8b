import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositionOf } from '../../../lib/crystal/composition.js';
import { inverse, multiply, rowTimes, toCartesian, volume } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { spaceGroup } from '../../../lib/crystal/space-group.js';
import { rotations, symmetry } from '../../../lib/crystal/symmetry.js';
import { representative } from '../../../lib/crystal/wyckoff.js';
import { Rng } from '../../../lib/random/rng.js';
import { randomSymmetricCrystal, type SymmetricCrystal } from '../../../lib/relax/symmetric-start.js';
import type { Mat3 } from '../../../schemas/crystal.js';

const species = fc
  .array(fc.tuple(fc.constantFrom('Li', 'O', 'Na', 'Cl', 'Ti'), fc.integer({ min: 1, max: 4 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.flatMap(([element, n]) => Array.from({ length: n }, () => element)));

/** Whether every operation of the group that it was made in keeps lengths and puts each atom onto one of its kind. */
function keepsGroup({ crystal, spaceGroup: number, conventional }: SymmetricCrystal): boolean {
  const toConventional = inverse(conventional);
  const toPrimitive = inverse(crystal.lattice);
  const sites = toCartesian(crystal.frac, crystal.lattice).map((x) => rowTimes(x, toConventional));
  return spaceGroup(number).operations.every(({ rotation, translation }) => {
    const transposed = [0, 1, 2].map((j) => rotation.map((row) => row[j])) as Mat3;
    const cartesian = multiply(multiply(toConventional, transposed), conventional);
    const unit = multiply(cartesian, [0, 1, 2].map((j) => cartesian.map((row) => row[j])) as Mat3);
    const orthogonal = unit.every((row, i) => row.every((x, j) => Math.abs(x - (i === j ? 1 : 0)) < 1e-9));
    const mapped = sites.every((site, i) => {
      const image = rowTimes(representative({ matrix: rotation, offset: translation }, site), conventional);
      const f = rowTimes(image, toPrimitive);
      return crystal.frac.some(
        (other, j) =>
          crystal.species[i] === crystal.species[j] &&
          other.every((x, k) => Math.abs(x - (f[k] as number) - Math.round(x - (f[k] as number))) < 1e-7),
      );
    });
    return orthogonal && mapped;
  });
}

describe('symmetric random starts', () => {
  it('have the atoms asked for, the group that they were made in, and no two atoms too near', () => {
    fc.assert(
      fc.property(species, fc.integer(), (atoms, seed) => {
        const start = randomSymmetricCrystal(atoms, Rng.from(seed));
        const { crystal } = start;
        expect(compositionOf(crystal.species)).toEqual(compositionOf(atoms));
        expect(minimumDistanceRatio(crystal)).toBeGreaterThanOrEqual(0.72);
        expect(volume(crystal.lattice) / atoms.length).toBeGreaterThanOrEqual(5 - 1e-9);
        expect(keepsGroup(start)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('have that group or a supergroup of it by moyo', () => {
    fc.assert(
      fc.property(species, fc.integer(), (atoms, seed) => {
        const { crystal, spaceGroup: number } = randomSymmetricCrystal(atoms, Rng.from(seed));
        const { operations, centring } = spaceGroup(number);
        const order = operations.length / centring;
        const found = rotations(crystal, 1e-4).length;
        // The cell is primitive for the group; a larger symmetry can only add operations, by whole factors (Lagrange).
        expect(found % order).toBe(0);
        if (found === order) expect(symmetry(crystal, 1e-4).number).toBe(number);
      }),
      { numRuns: 150 },
    );
  });

  it('use many groups and crystal systems', () => {
    const numbers = Array.from(
      { length: 120 },
      (_, i) => randomSymmetricCrystal(['Na', 'Na', 'Cl', 'Cl'], Rng.from(i)).spaceGroup,
    );
    expect(new Set(numbers).size).toBeGreaterThan(60);
    expect(new Set(numbers.map((n) => spaceGroup(n).system)).size).toBe(7);
    expect(Math.min(...numbers)).toBeGreaterThan(1);
  });

  it('depend on the stream alone', () => {
    const draw = (seed: number) => JSON.stringify(randomSymmetricCrystal(['Ca', 'Ti', 'O', 'O', 'O'], Rng.from(seed)));
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
  });

  it('give up with an error when the distances asked for leave no room', () => {
    const wide = { minDistanceRatio: 3, attempts: 5 };
    const failing = [['Na', 'Na'], []].map((atoms) => () => randomSymmetricCrystal(atoms, Rng.from(1), wide));
    for (const draw of failing) expect(draw).toThrow(expect.objectContaining({ code: 'LCOMS_E_INPUT' }));
  });
});
