import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositionOf } from '../../../lib/crystal/composition.js';
import { covalentRadius } from '../../../lib/crystal/element-data.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { nearestRelabelled, relabel } from '../../../lib/crystal/relabel.js';
import { bestSubstitution, elementDistance } from '../../../lib/crystal/substitution.js';
import { nearestTemplates } from '../../../lib/crystal/templates.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { crystalArbitrary } from './arbitraries.js';

const ELEMENTS = ['Li', 'Na', 'Mg', 'Ca', 'Al', 'Ti', 'Fe', 'Zn', 'N', 'O', 'S', 'F', 'Cl'];
const atoms = (n: number) => fc.array(fc.constantFrom(...ELEMENTS), { minLength: n, maxLength: n });

/** A crystal of the given atoms in any places. */
const crystalOf = (species: string[]): Crystal => ({
  lattice: [
    [4, 0, 0],
    [0, 5, 0],
    [0, 0, 6],
  ],
  species,
  frac: species.map((_, i) => [i / species.length, 0.3, 0.7]),
});

/** The least sum of distances over all ways to place the atoms. */
function leastCost(from: readonly string[], to: readonly string[]): number {
  if (from.length === 0) return 0;
  return Math.min(
    ...to.map(
      (element, j) =>
        elementDistance(from[0] as string, element) +
        leastCost(
          from.slice(1),
          to.filter((_, k) => k !== j),
        ),
    ),
  );
}

describe('relabel', () => {
  it('puts exactly the wanted atoms on the sites, as cheaply as any way does', () => {
    fc.assert(
      fc.property(atoms(5), atoms(5), (from, to) => {
        const made = relabel(crystalOf(from), to);
        expect(compositionOf(made?.crystal.species ?? [])).toEqual(compositionOf(to));
        expect(made?.cost).toBeCloseTo(leastCost(from, to) / 5, 9);
      }),
      { numRuns: 40 },
    );
  });

  it('moves no site, and scales the volume with the atoms', () => {
    fc.assert(
      fc.property(crystalArbitrary, fc.integer(), (crystal, seed) => {
        const species = crystal.species.map((_, i) => ELEMENTS[Math.abs(seed + 7 * i) % ELEMENTS.length] as string);
        const made = relabel(crystal, species)?.crystal as Crystal;
        expect(made.frac).toEqual(crystal.frac);
        const size = (all: readonly string[]) => all.reduce((sum, e) => sum + covalentRadius(e) ** 3, 0);
        const scale = volume(made.lattice) / volume(crystal.lattice);
        expect(scale).toBeCloseTo(size(made.species) / size(crystal.species), 6);
      }),
      { numRuns: 40 },
    );
  });

  it('costs nothing where nothing changes, and never more than replacing whole elements', () => {
    expect(relabel(crystalOf(['Mg', 'O']), ['O', 'Mg'])).toMatchObject({ cost: 0, crystal: { species: ['Mg', 'O'] } });
    const whole = bestSubstitution({ Ti: 1, O: 2 }, { Fe: 1, F: 2 })?.cost ?? Number.NaN;
    expect((relabel(crystalOf(['Ti', 'O', 'O']), ['F', 'Fe', 'F'])?.cost ?? Number.NaN) * 3).toBeLessThanOrEqual(whole);
  });

  it('needs as many atoms', () => {
    expect(relabel(crystalOf(['Mg', 'O']), ['Mg', 'O', 'O'])).toBeNull();
  });
});

describe('nearestRelabelled', () => {
  it('gives the cheapest of all, as if each had been relabelled', () => {
    const some = fc.array(fc.oneof(atoms(3), atoms(4)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(some, atoms(4), (all, wanted) => {
        const known = all.map(crystalOf);
        const every = known.flatMap((crystal) => {
          const made = relabel(crystal, wanted);
          return made ? [{ known: crystal, made }] : [];
        });
        const expected = every.sort((a, b) => a.made.cost - b.made.cost);
        expect([...nearestRelabelled(known, wanted)]).toMatchObject(expected);
      }),
    );
  });
});

describe('nearestTemplates', () => {
  it('takes any stoichiometry of as many atoms, the most alike first', () => {
    const known = [
      crystalOf(['Na', 'Cl']),
      crystalOf(['Ca', 'F', 'F']),
      crystalOf(['Fe', 'S', 'S']),
      crystalOf(['Li', 'Li', 'O']),
    ];
    const found = nearestTemplates(['Mg', 'F', 'F'], known, 2);
    expect(found.map(({ from }) => from)).toEqual(['CaF2', 'FeS2']);
    expect(found[0]?.crystal.species).toEqual(['Mg', 'F', 'F']);
    expect(nearestTemplates(['Mg', 'F', 'F'], known, 9)).toHaveLength(3);
    expect(nearestTemplates(['Mg'], known, 9)).toEqual([]);
  });
});
