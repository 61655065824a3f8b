import { describe, expect, it } from 'vitest';
import { atomsIn, parseFormula, reducedFormula } from '../../../lib/crystal/composition.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { minimumDistance, minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { compositionOfType, crystalOf } from '../../../lib/prototypes/structure-type.js';

const ratios = (composition: Record<string, number>): string => {
  const counts = Object.values(composition);
  const smallest = (counts as number[]).reduce((a, b): number => gcd(a, b));
  return counts
    .map((n) => n / smallest)
    .sort((a, b) => a - b)
    .join(':');
};
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

describe.each(STRUCTURE_TYPES.map((type) => [type.name, type] as const))('%s', (_, type) => {
  const crystal = crystalOf(type);

  it('has its declared space group by moyo, at most 40 atoms in a primitive cell, and the distances and density of a solid', () => {
    expect(symmetry(crystal, 0.01).number).toBe(type.spaceGroup);
    expect(crystal.species.length).toBeLessThanOrEqual(40);
    // Molecules of hydrogen and nitrogen have bonds of 0.9 and 1.1 A; nothing here is shorter.
    expect(minimumDistance(crystal)).toBeGreaterThan(0.9);
    expect(minimumDistanceRatio(crystal)).toBeGreaterThan(0.7);
    const perAtom = volume(crystal.lattice) / crystal.species.length;
    expect(perAtom).toBeGreaterThan(5);
    expect(perAtom).toBeLessThan(50);
  });

  it('is like compounds of its own stoichiometry', () => {
    const own = ratios(compositionOfType(type));
    for (const formula of type.like ?? [])
      expect(`${formula} ${ratios(parseFormula(formula))}`).toBe(`${formula} ${own}`);
  });
});

it('names are unique, and the library covers what it says', () => {
  const names = STRUCTURE_TYPES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const formulas = new Set(STRUCTURE_TYPES.map((type) => reducedFormula(compositionOfType(type))));
  for (const formula of ['NaCl', 'TiO2', 'Al2O3', 'SrTiO3', 'MgAl2O4', 'K2NiF4', 'CuFeS2', 'ZrSiO4', 'CaCO3'])
    expect(formulas).toContain(reducedFormula(parseFormula(formula)));
  expect(atomsIn(compositionOfType(STRUCTURE_TYPES.find(({ name }) => name === 'spinel') ?? (null as never)))).toBe(14);
});
