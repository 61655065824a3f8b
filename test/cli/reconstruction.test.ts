import { expect, test } from 'vitest';
import { compareDraws, summarise } from '../../cli/reconstruction.js';
import type { Crystal, Vec3 } from '../../schemas/crystal.js';

const CsCl = (a: number, second: Vec3 = [0.5, 0.5, 0.5]): Crystal => ({
  lattice: [
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ],
  species: ['Cs', 'Cl'],
  frac: [[0, 0, 0], second],
});
const row = { file: 'a.cif', index: 0, crystal: CsCl(4) };
const nowhere: Crystal = {
  ...CsCl(4),
  lattice: [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ],
};

test('the same crystal, larger', () => {
  const result = compareDraws(row, [CsCl(4.4)]);
  expect(result).toMatchObject({ formula: 'CsCl', atoms: 2, match: true, valid: true, matches: 1, firstMatches: true });
  expect(result.rms).toBeCloseTo(0, 9);
  expect(result.volumeError).toBeCloseTo(1.1 ** 3 - 1, 12);
});

test('of several draws the one with the smallest rms counts', () => {
  const result = compareDraws(row, [nowhere, CsCl(4, [0.5, 0.5, 0.45]), CsCl(4, [0.5, 0.5, 0.49])]);
  expect(result).toMatchObject({ match: true, matches: 2, firstMatches: false, validDraws: 2, draws: 3 });
  // Both atoms move by half of 0.01 a about their common middle; (V/n)^(1/3) = a / 2^(1/3).
  expect(result.rms).toBeCloseTo(0.005 * 2 ** (1 / 3), 9);
});

test('rates are over crystals, validity over draws, calls over draws', () => {
  const all = [
    compareDraws(row, [nowhere, CsCl(4)]),
    compareDraws(row, [nowhere, nowhere]),
    compareDraws(row, [CsCl(4, [0.5, 0.5, 0.3]), nowhere]),
    compareDraws(row, [CsCl(5), CsCl(4.1)]),
  ];
  const spent = { seconds: { encode: 2, decode: 4 }, networkCalls: 40 };
  const summary = summarise(all, 2, 1, spent);
  expect(summary).toMatchObject({ crystals: 4, failed: 1, matchRate: 0.75, matchRateFirst: 0.5, rmsRate: 0.75 });
  expect(summary.tightRate).toBe(0.5);
  expect(summary.validRate).toBe(0.5);
  expect(summary.networkCallsPerCrystal).toBe(5);
  expect(summary.secondsPerCrystal).toEqual({ encode: 0.5, decode: 0.5 });
  expect(summary.meanRms).toBeCloseTo((0.1 * 2 ** (1 / 3)) / 3, 9);
});

test('nothing to compare', () => {
  const summary = summarise([], 1, 3, { seconds: { encode: 1, decode: 0 }, networkCalls: 0 });
  expect(summary).toMatchObject({ crystals: 0, failed: 3, matchRate: null, meanRms: null, secondsPerCrystal: null });
});
