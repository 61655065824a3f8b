import { describe, expect, it } from 'vitest';
import { paperRule } from '../../../activities/steps/judge.js';

describe('the paper rule', () => {
  const salt = { elemental: false, formationEnergyPerAtom: -2 };

  it('passes within a fifth of the truth, and fails above: the sign as it must be', () => {
    expect(paperRule(salt, -2, 0)).toBe(true);
    expect(paperRule(salt, -1.61, 0.39)).toBe(true);
    expect(paperRule(salt, -1.59, 0.41)).toBe(false);
    expect(paperRule(salt, 0.5, 2.5)).toBe(false);
  });

  it('uses 0.1 eV/atom for elements, whose formation energy is zero', () => {
    const element = { elemental: true, formationEnergyPerAtom: 0 };
    expect(paperRule(element, 0.09, 0.09)).toBe(true);
    expect(paperRule(element, 0.11, 0.11)).toBe(false);
  });

  it('says nothing without formation energies', () => {
    expect(paperRule(salt, null, 0)).toBeNull();
    expect(paperRule({ ...salt, formationEnergyPerAtom: null }, -2, 0)).toBeNull();
  });
});
