import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositionOf, reducedComposition, reducedFormula } from '../../../lib/crystal/composition.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { bestSubstitution, elementDistance, substitute, substitutions } from '../../../lib/crystal/substitution.js';
import type { Crystal } from '../../../schemas/crystal.js';

const caO: Crystal = {
  lattice: [
    [0, 2.4, 2.4],
    [2.4, 0, 2.4],
    [2.4, 2.4, 0],
  ],
  species: ['Ca', 'O'],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
};

describe('bestSubstitution', () => {
  it('puts like in the place of like', () => {
    expect(bestSubstitution({ Ca: 1, O: 1 }, { S: 1, Mg: 1 })?.replace).toEqual({ Ca: 'Mg', O: 'S' });
    expect(bestSubstitution({ Ca: 2, O: 2 }, { Ca: 1, O: 1 })?.cost).toBe(0);
  });

  it('respects the counts, and refuses other stoichiometries', () => {
    expect(bestSubstitution({ Ca: 1, F: 2 }, { Na: 2, O: 1 })?.replace).toEqual({ Ca: 'O', F: 'Na' });
    expect(bestSubstitution({ Ca: 1, F: 2 }, { Na: 1, Cl: 1 })).toBeNull();
    expect(bestSubstitution({ Ca: 1, O: 1 }, { Si: 1 })).toBeNull();
  });

  it('finds neighbours in the table nearer than strangers', () => {
    expect(elementDistance('Mg', 'Ca')).toBeLessThan(elementDistance('Mg', 'Cl'));
    expect(elementDistance('F', 'F')).toBe(0);
    expect(elementDistance('F', 'Cl')).toBe(elementDistance('Cl', 'F'));
  });
});

describe('substitutions', () => {
  it('are there for the same proportions, whatever the cell, and for no others', () => {
    const proportions = (atoms: readonly string[]) =>
      Object.values(reducedComposition(compositionOf(atoms)))
        .sort()
        .join();
    const atoms = fc.array(fc.constantFrom('Ca', 'Ti', 'O', 'F'), { minLength: 1, maxLength: 8 });
    let same = 0;
    fc.assert(
      fc.property(atoms, atoms, fc.integer({ min: 1, max: 3 }), (species, others, times) => {
        const cell = Array.from({ length: times }, () => species).flat();
        const ways = substitutions(compositionOf(cell), compositionOf(others)).length > 0;
        expect(ways).toBe(proportions(species) === proportions(others));
        if (ways) same++;
      }),
      { numRuns: 2000, seed: 1 },
    );
    expect(same).toBeGreaterThan(100);
  });
});

describe('substitute', () => {
  it('changes elements and scales the volume with their size, and leaves the template alone', () => {
    const before = structuredClone(caO);
    const baO = substitute(caO, { Ca: 'Ba' });
    expect(reducedFormula(compositionOf(baO.species))).toBe('BaO');
    expect(volume(baO.lattice)).toBeGreaterThan(volume(caO.lattice));
    expect(caO).toEqual(before);
  });
});
