import { expect, test } from 'vitest';
import type { Answer } from '../../../activities/predict/answers.js';
import { type Order, rankAnswers } from '../../../activities/predict/rank.js';
import type { JudgedAnswer } from '../../../activities/predict/second-opinion.js';

/** An answer of which its energy counts; `tries` tell which one it is. */
function answer(energyPerAtom: number, tries: number): JudgedAnswer {
  const found: Answer = {
    crystal: {
      lattice: [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ],
      species: ['Fe'],
      frac: [[0, 0, 0]],
    },
    energyPerAtom,
    symmetry: { symbol: 'Pm-3m', number: 221, wyckoffs: ['a'] },
    tries: new Set(Array.from({ length: tries }, (_, i) => i)),
    sources: new Set(['random start']),
    origin: { source: 'random start', note: '' },
    templates: 0,
  };
  return { answer: found, second: energyPerAtom };
}

const judged = [answer(-5, 4), answer(-5.01, 3), answer(-5.2, 2)];
/** The first two are known, the first of many compounds; the lowest has no precedent. */
const supports = [
  { count: 40, share: 0.9 },
  { count: 1, share: 0.01 },
  { count: 0, share: 0 },
];
const rank = (order: Order, which = [0, 1, 2]) =>
  rankAnswers(
    which.map((i) => judged[i] as JudgedAnswer),
    which.map((i) => supports[i] as (typeof supports)[number]),
    { tries: 9, complete: true, unseen: [], lowestKnown: null, order, fileOf: (n) => `${n}.cif` },
  ).map(({ prediction }) => prediction);

test('what many similar compounds have comes before what is a few meV/atom lower', () => {
  const [first, second] = rank('precedents', [1, 0]);
  expect(first).toMatchObject({ rank: 1, file: '1.cif', tries: 4, precedents: 40, energyAboveBest: 0.01 });
  expect(second).toMatchObject({ rank: 2, file: '2.cif', tries: 3, precedents: 1, energyAboveBest: 0 });
  expect(first?.confidence.level).toBe('medium');
  expect(first?.confidence.notes).toContain(
    '10.0 meV/atom above the lowest structure found, which has fewer precedents',
  );
  expect(second?.confidence.notes).toContain('the lowest structure found, with fewer precedents than the first');
  expect(second?.confidence.level).toBe('low');
});

test('what is lower by far comes first whatever is known', () => {
  expect(rank('precedents').map(({ tries }) => tries)).toEqual([2, 4, 3]);
});

test('by energy alone nothing is known', () => {
  expect(rank('energy', [0, 1]).map(({ tries }) => tries)).toEqual([3, 4]);
});
