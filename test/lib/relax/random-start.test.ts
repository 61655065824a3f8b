import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latticeParameters, volume } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';

const species = fc.array(fc.constantFrom('H', 'Li', 'O', 'Na', 'Cl', 'Cs', 'Ti', 'Pb'), {
  minLength: 1,
  maxLength: 12,
});

describe('random starts', () => {
  it('have the atoms asked for, no two of them too near, in a cell that is not flat', () => {
    fc.assert(
      fc.property(species, fc.integer(), (atoms, seed) => {
        const crystal = randomCrystal(atoms, Rng.from(seed));
        expect(crystal.species).toEqual(atoms);
        expect(minimumDistanceRatio(crystal)).toBeGreaterThanOrEqual(0.72);
        expect(volume(crystal.lattice) / atoms.length).toBeGreaterThanOrEqual(5 - 1e-9);
        for (const angle of latticeParameters(crystal.lattice).angles) {
          expect(angle).toBeGreaterThan(54.9);
          expect(angle).toBeLessThan(125.1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('depend on the stream alone', () => {
    const atoms = ['Mg', 'Mg', 'O', 'O'];
    const first = randomCrystal(atoms, Rng.from(7));
    expect(JSON.stringify(randomCrystal(atoms, Rng.from(7)))).toBe(JSON.stringify(first));
    expect(JSON.stringify(randomCrystal(atoms, Rng.from(8)))).not.toBe(JSON.stringify(first));
  });

  it('give up with an error when the distances asked for leave no room', () => {
    expect(() => randomCrystal(['Na', 'Na', 'Na'], Rng.from(1), { minDistanceRatio: 3, attempts: 5 })).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_INPUT' }),
    );
    expect(() => randomCrystal([], Rng.from(1))).toThrow(expect.objectContaining({ code: 'LCOMS_E_INPUT' }));
  });
});
