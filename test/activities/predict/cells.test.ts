import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseUnits, MAX_ATOMS, spreadTries } from '../../../activities/predict/cells.js';
import { compositionOf } from '../../../lib/crystal/composition.js';

const unit = { Ca: 1, F: 2 };
const open = { seen: null, unseen: false };

describe('chooseUnits', () => {
  it('goes up to the largest cell, in the sizes that the model has seen', () => {
    expect(chooseUnits('CaF2', unit, open)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(chooseUnits('CaF2', unit, { seen: [2, 3, 4, 6, 8], unseen: false })).toEqual([1, 2]);
    expect(chooseUnits('CaF2', unit, { seen: [2, 3], unseen: true })).toEqual([1, 2, 3, 4, 5, 6]);
    expect(chooseUnits('CaF2', unit, { ...open, atoms: 9 })).toEqual([3]);
  });

  it('searches a formula that is larger than the limit in its smallest cell', () => {
    const large = { Ca: 10, P: 6, O: 24 };
    expect(40).toBeGreaterThan(MAX_ATOMS);
    expect(chooseUnits('Ca10P6O24', large, open)).toEqual([1]);
  });

  it.each([
    [7, 'nearest are 6 and 9'],
    [2, 'nearest is 3'],
  ])('refuses %i atoms of CaF2: %s', (atoms, message) => {
    expect(() => chooseUnits('CaF2', unit, { ...open, atoms })).toThrow(message);
  });

  it('names the sizes that were seen', () => {
    const seen = { seen: [2, 4], unseen: false };
    expect(() => chooseUnits('CaF2', unit, seen)).toThrow('trained on cells of 2, 4 atoms');
    expect(() => chooseUnits('CaF2', unit, { ...seen, atoms: 60 })).toThrow('cells of 60 atoms');
  });
});

describe('spreadTries', () => {
  it('gives all tries, never more to a larger cell, and keeps the composition', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 8 }), (tries, sizes) => {
        const cells = spreadTries(
          unit,
          Array.from({ length: sizes }, (_, i) => i + 1),
          tries,
        );
        const counts = cells.map((c) => c.tries);
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe(tries);
        expect(counts).toEqual([...counts].sort((a, b) => b - a));
        for (const { units, species } of cells) expect(compositionOf(species)).toEqual({ Ca: units, F: 2 * units });
      }),
    );
  });
});
