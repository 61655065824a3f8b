import { describe, expect, it } from 'vitest';
import {
  type ElementReferences,
  elementalEnergyPerAtom,
  formationEnergyPerAtom,
} from '../../../lib/scoring/formation.js';

const scorer = { name: 'chgnet', version: 'r2scan', weights: 'a'.repeat(64) };
const references: ElementReferences = { scorer, energies: { Mg: -2, O: -5 } };

describe('formation energy', () => {
  it('is the energy over the elements, weighted by composition', () => {
    expect(elementalEnergyPerAtom(['Mg', 'O', 'O', 'O'], references.energies)).toBe(-4.25);
    expect(formationEnergyPerAtom({ scorer, energyPerAtom: -6.5, species: ['Mg', 'O'] }, references)).toBe(-3);
    expect(formationEnergyPerAtom({ scorer, energyPerAtom: -2, species: ['Mg', 'Mg'] }, references)).toBe(0);
  });

  it.each([
    { ...scorer, version: '0.3.0' },
    { ...scorer, weights: 'b'.repeat(64) },
    { ...scorer, name: 'other' },
    { ...scorer, weights: null },
  ])('refuses the references of another scorer', (other) => {
    expect(() => formationEnergyPerAtom({ scorer: other, energyPerAtom: -6, species: ['Mg'] }, references)).toThrow(
      expect.objectContaining({ code: 'LCOMS_E_INPUT', message: expect.stringMatching(/never compared/) }),
    );
  });

  it('names an element without reference and those that have one', () => {
    expect(() => elementalEnergyPerAtom(['Mg', 'Xe'], references.energies)).toThrow(
      expect.objectContaining({
        code: 'LCOMS_E_ELEMENT_UNKNOWN',
        message: 'There is no reference energy of Xe; there are those of Mg O.',
      }),
    );
  });
});
