import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { volume } from '../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { conventionalCell, primitiveCell, symmetry } from '../../../lib/crystal/symmetry.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { latticeArbitrary } from './arbitraries.js';
import { loadFixture, ROCKSALT } from './fixtures.js';

interface Case {
  crystal: Crystal;
  number: number;
  wyckoffs: string[];
  primitive: number;
  conventional: number;
}
const cases = loadFixture<Case[]>('symmetry.json.gz');
/** How many atoms have the same letter: letters themselves depend on the origin. */
const orbits = (letters: string[]): number[] =>
  [...new Set(letters)].map((l) => letters.filter((x) => x === l).length).sort((a, b) => a - b);

describe('symmetry', () => {
  it('is that of spglib on 80 crystals in any cell', () => {
    for (const { crystal, number, wyckoffs } of cases) {
      const found = symmetry(crystal);
      expect(found.number).toBe(number);
      expect(orbits(found.wyckoffs)).toEqual(orbits(wyckoffs));
    }
  });

  it('gives standard cells of the size of spglib that hold the same crystal', () => {
    for (const { crystal, primitive, conventional } of cases) {
      const [small, large] = [primitiveCell(crystal), conventionalCell(crystal)];
      expect(small.species.length).toBe(primitive);
      expect(large.species.length).toBe(conventional);
      expect(volume(small.lattice) / primitive).toBeCloseTo(volume(crystal.lattice) / crystal.species.length, 1);
      const { match, rms } = matchStructures(crystal, small);
      expect(match).toBe(true);
      expect(rms).toBeLessThan(2e-3);
    }
  });

  it('names the group of rocksalt and keeps id and energies', () => {
    expect(symmetry(ROCKSALT)).toEqual({ number: 225, symbol: 'Fm-3m', wyckoffs: ['a', 'b'] });
    const conventional = conventionalCell({ ...ROCKSALT, id: 'x', energyPerAtom: -3 });
    expect(conventional).toMatchObject({ id: 'x', energyPerAtom: -3 });
    expect(conventional.species).toHaveLength(8);
    expect(conventional.lattice[0][0]).toBeCloseTo(5.64, 10);
  });

  it('falls back to P 1 and the given cell where atoms overlap', () => {
    const overlapping: Crystal = {
      ...ROCKSALT,
      frac: [
        [0, 0, 0],
        [0, 0, 0],
      ],
    };
    expect(symmetry(overlapping)).toEqual({ number: 1, symbol: 'P1', wyckoffs: ['a', 'a'] });
    expect(primitiveCell(overlapping)).toBe(overlapping);
    expect(() => conventionalCell(overlapping)).toThrow(expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }));
  });

  it('answers for crowded and nearly coinciding atoms too', () => {
    const place = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 0.75), fc.double({ min: 0, max: 1e-3, noNaN: true }));
    const crowded = fc.array(fc.tuple(place, place, place), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(latticeArbitrary, crowded, fc.constantFrom(1e-4, 1e-2, 0.1, 1), (lattice, frac, symprec) => {
        const { number, wyckoffs } = symmetry({ lattice, species: frac.map(() => 'Na'), frac }, symprec);
        expect(number).toBeGreaterThanOrEqual(1);
        expect(wyckoffs).toHaveLength(frac.length);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses what is no crystal', () => {
    const cases: [Crystal, number, string][] = [
      [
        {
          ...ROCKSALT,
          frac: [
            [0, 0, 0],
            [0, Number.NaN, 0],
          ],
        },
        0.01,
        'LCOMS_E_CRYSTAL',
      ],
      [{ ...ROCKSALT, species: ['Na', 'Qq'] }, 0.01, 'LCOMS_E_CRYSTAL'],
      [
        {
          ...ROCKSALT,
          lattice: [
            [1, 0, 0],
            [0, 1, 0],
            [1, 1, 0],
          ],
        },
        0.01,
        'LCOMS_E_CRYSTAL',
      ],
      [ROCKSALT, 0, 'LCOMS_E_INPUT'],
    ];
    for (const [crystal, symprec, code] of cases)
      expect(() => symmetry(crystal, symprec)).toThrow(expect.objectContaining({ code }));
  });
});
