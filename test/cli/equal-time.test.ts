import { expect, test } from 'vitest';
import type { ScoreRow } from '../../activities/steps/score-row.js';
import { type EqualTime, equalTime, equalTimeCsv, equalTimeTable } from '../../cli/equal-time.js';
import type { MethodCost } from '../../cli/method-cost.js';

const cost = (method: string, search: number, evaluations: number): MethodCost => ({
  method,
  answers: 1,
  evaluations,
  cpuSeconds: { 'start-structures': 0, encode: 0, optimize: 0, decode: 0, search, score: 0.5 },
  searchSeconds: search,
});

/** A relaxed answer so many meV/atom above the truth. */
const row = (method: string, formula: string, t: number, above: number): ScoreRow =>
  ({
    formula,
    method,
    try: t,
    after: { energyPerAtom: -5 + above / 1000, aboveTruth: above, paperRule: true },
    before: null,
    match: above < 5,
    rms: 0.01,
    flags: [],
  }) as unknown as ScoreRow;

const rows = [
  // The dear method hits MgO in its first try; the cheap one in its third; a random start in its second.
  ...[0, 50, 50, 50].map((above, t) => row('dear', 'MgO', t, above)),
  ...[50, 50, 0, 0].map((above, t) => row('cheap', 'MgO', t, above)),
  ...[50, 8, 50, 0].map((above, t) => row('start', 'MgO', t, above)),
  ...[50, 50, 50, 50].flatMap((above, t) => ['dear', 'cheap', 'start'].map((method) => row(method, 'ZnS', t, above))),
  row('rocksalt', 'MgO', 0, 0),
  row('rocksalt', 'ZnS', 0, 60),
];
const compounds = ['MgO', 'ZnS'];
const costs = [cost('dear', 5.5, 51), cost('cheap', 1.5, 51)];

test('each method has the tries that a try of the dearest buys, and the lowest of them counts', () => {
  const { seconds, rows: table } = equalTime(costs, 3, rows, compounds) as EqualTime;
  expect(seconds).toBe(6);
  expect(table.map(({ method, bought, tries }) => [method, bought, tries])).toEqual([
    ['dear', 1, 1],
    ['cheap', 3, 3],
    ['start', 2, 2],
    ['rocksalt', 1, 1],
  ]);
  const figures = table.map(({ first, bestOfBought: b }) => [first.match, first.hit, b.match, b.hit]);
  expect(figures).toEqual([
    [1, 1, 1, 1],
    [0, 0, 1, 1],
    // 8 meV/atom above, and not the structure: a hit, no match.
    [0, 0, 0, 1],
    [1, 1, 1, 1],
  ]);
});

test('tries that the run lacks are said to be lacking', () => {
  const compared = equalTime([cost('dear', 29.5, 51), cost('cheap', 1.5, 51)], 3, rows, compounds) as EqualTime;
  expect(compared.rows.map(({ bought, tries }) => [bought, tries])).toEqual([
    [1, 1],
    [15, 4],
    [10, 4],
    [1, 1],
  ]);
  const text = equalTimeTable(compared, 700);
  expect(text).toContain('4 of 15');
  expect(text).toContain('the method may do better than shown');
  expect(text).toContain('Trainings: 700 CPU s');
  expect(equalTimeCsv(compared).split('\n')[2]).toBe('cheap,51.0,2.000,30.000,15,4,2,0.000,0.000,1.000,1.000');
});

test('over replicates figures are means, each with the tries of its own', () => {
  const again = rows.map((r) => ({ ...r, replicate: 1, match: false, after: null }));
  const { rows: table } = equalTime(costs, 3, [...rows, ...again], compounds) as EqualTime;
  expect(table[0]?.first).toMatchObject({ match: 0.5, hit: 0.5 });
  expect(table[0]?.first.matchSpread).toBeCloseTo(Math.SQRT1_2, 10);
});

test('nothing is said without methods or results', () => {
  expect(equalTime([], 3, rows, compounds)).toBeNull();
  expect(equalTime(costs, 3, [], compounds)).toBeNull();
  expect(equalTimeTable(null, 0)).toBe('');
});
