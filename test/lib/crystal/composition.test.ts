import { describe, expect, it } from 'vitest';
import {
  compositionOf,
  parseFormula,
  reducedComposition,
  reducedFormula,
  sameReducedFormula,
} from '../../../lib/crystal/composition.js';
import { covalentRadius, elementData } from '../../../lib/crystal/element-data.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import { geometry } from './fixtures.js';

describe('formulas', () => {
  it('are read and reduced as pymatgen does', () => {
    for (const { formula, reduced, amounts } of geometry.formulas) {
      const composition = parseFormula(formula);
      expect(composition).toEqual(amounts);
      expect(reducedFormula(composition)).toBe(reduced);
    }
  });

  it.each([
    ['', 'empty'],
    ['Xx2', '"Xx" is not an element symbol'],
    ['Ca(OH', '"(" is not closed'],
    ['CaO)2', 'closes nothing'],
    ['Ca(OH]2', 'closes nothing'],
    ['Ca()2', 'a bracket is empty'],
    ['Mg0', 'whole number'],
    ['Mg1.5O', 'the amount 1.5 is no whole number'],
    ['mgO', '"mgO" at character 1'],
  ])('refuse %j and say why', (formula, message) => {
    expect(() => parseFormula(formula)).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_FORMULA', message: expect.stringContaining(message) }),
    );
  });

  it('compare by ratio', () => {
    expect(sameReducedFormula(compositionOf(['Mg', 'O', 'O', 'Mg']), parseFormula('OMg'))).toBe(true);
    expect(sameReducedFormula(parseFormula('FeO'), parseFormula('Fe2O3'))).toBe(false);
    expect(reducedComposition(parseFormula('Ti4O8'))).toEqual({ Ti: 1, O: 2 });
  });
});

describe('element data', () => {
  it('holds what Cordero, Pauling and IUPAC tabulate', () => {
    expect(elementData('Na')).toEqual({
      covalentRadius: 1.66,
      electronegativity: 0.93,
      group: 1,
      row: 3,
      mass: 22.98976928,
    });
    expect(covalentRadius('O')).toBe(0.66);
    for (const symbol of ELEMENTS.slice(1, 97)) expect(covalentRadius(symbol)).toBeGreaterThan(0.2);
    expect(elementData('He').electronegativity).toBeNull();
  });

  it('says so where nothing is known', () => {
    expect(() => elementData('Qq')).toThrow(expect.objectContaining({ code: 'LCOMS_E_ELEMENT_UNKNOWN' }));
    expect(() => covalentRadius('Og')).toThrow(/no covalent radius/);
  });
});
