import { describe, expect, it } from 'vitest';
import { type Candidate, dropHoles, rejection } from '../../../activities/steps/filter-crystals.js';
import type { Crystal } from '../../../schemas/crystal.js';

const limits = { maxAtoms: 4, minVolume: 4.5, maxVolume: 200, minDistanceRatio: 0.35, holeThreshold: 0.3 };

function rocksalt(a: number): Crystal {
  const h = a / 2;
  return {
    lattice: [
      [0, h, h],
      [h, 0, h],
      [h, h, 0],
    ],
    species: ['Na', 'Cl'],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  };
}

const candidate = (formula: string, energy: number): Candidate => ({ crystal: rocksalt(5.64), formula, energy });

describe('rejection', () => {
  it('keeps a real crystal and names what is wrong with others', () => {
    expect(rejection(rocksalt(5.64), -3, limits)).toBeNull();
    expect(rejection(rocksalt(5.64), undefined, limits)).toBe('noEnergy');
    expect(rejection(rocksalt(2), -3, limits)).toBe('volume');
    expect(rejection(rocksalt(20), -3, limits)).toBe('volume');
    expect(
      rejection(
        {
          ...rocksalt(5.64),
          frac: [
            [0, 0, 0],
            [0.05, 0.05, 0.05],
          ],
        },
        -3,
        limits,
      ),
    ).toBe('tooClose');
    expect(rejection(rocksalt(5.64), -3, { ...limits, maxAtoms: 1 })).toBe('tooManyAtoms');
  });
});

describe('dropHoles', () => {
  it('drops a crystal alone far below the others, and only that', () => {
    const group = [-39, -3.5, -3.45, -3.4, -3.3].map((e) => candidate('YN', e));
    const { kept, dropped } = dropHoles([...group, candidate('NaCl', -3)], 0.3);
    expect(dropped).toBe(1);
    expect(kept.map((c) => c.energy)).toEqual([-3.5, -3.45, -3.4, -3.3, -3]);
  });

  it('keeps a deep ground state that has company, and small groups', () => {
    expect(
      dropHoles(
        [-4, -3.9, -3, -3, -3].map((e) => candidate('C', e)),
        0.3,
      ).dropped,
    ).toBe(0);
    expect(
      dropHoles(
        [-9, -3, -3].map((e) => candidate('C', e)),
        0.3,
      ).dropped,
    ).toBe(0);
  });
});
