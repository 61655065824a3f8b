import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { reportCsv } from '../../../activities/steps/report-csv.js';
import { reportParquet } from '../../../activities/steps/report-parquet.js';
import { publishedTable } from '../../../activities/steps/report-published.js';
import { randomStartCurve } from '../../../activities/steps/report-random-starts.js';
import { lowest, summarise } from '../../../activities/steps/report-summary.js';
import { methodTable } from '../../../activities/steps/report-table.js';
import { inWords } from '../../../activities/steps/report-words.js';
import type { ScoreRow } from '../../../activities/steps/score-row.js';
import { BINARY26 } from '../../../plugins/datasets/simulated/binary26.js';

/** A candidate `above` meV/atom over the truth after relaxation; on the truth's structure when `match`. */
function row(formula: string, method: string, above: number, match: boolean, more: Partial<ScoreRow> = {}): ScoreRow {
  const energy = { energyPerAtom: -3 + above / 1000, formationEnergyPerAtom: -1, aboveTruth: above, paperRule: true };
  return {
    ...{ formula, method, try: 0, atoms: 2, before: energy, after: energy, relaxSteps: 9 },
    ...{ matchBefore: match, match, rms: match ? 0.05 : null, spaceGroup: 225, spaceGroupSymbol: 'Fm-3m' },
    ...{ flags: [], note: null, crystal: null },
    ...more,
  };
}

const COMPOUNDS = ['MgO', 'ZnS'];

describe('the summary', () => {
  // MgO: the first try misses, the second is right; ZnS: the lowest is a hole that a guard refused, the next lowest wrong.
  const rows = [
    row('MgO', 'lcoms', 80, false),
    row('MgO', 'lcoms', 2, true, { try: 1 }),
    row('ZnS', 'lcoms', 4, true),
    row('ZnS', 'lcoms', -900, true, { try: 1, flags: ['900 meV/atom below the best known crystal'] }),
    row('ZnS', 'lcoms', 1, false, { try: 2 }),
  ];

  it('counts first tries, any try, and the lowest that no guard refused', () => {
    const [counts] = summarise(rows, COMPOUNDS, ['lcoms']);
    expect(counts).toMatchObject({
      ...{ method: 'lcoms', tries: 3, replicates: 1, compounds: 2 },
      ...{ match1: 1, matchAny: 2, matchLowest: 1, hit10: 1, hitAny: 2, match1Tight: 1, flagged: 0 },
      ...{ medianAfter: 42, spread: {} },
    });
    expect(lowest(rows.filter((r) => r.formula === 'ZnS'))?.try).toBe(2);
  });

  it('takes means and sample standard deviations over replicates', () => {
    const again = COMPOUNDS.map((formula) => row(formula, 'lcoms', 3, true, { replicate: 1 }));
    const [counts] = summarise([...rows, ...again], COMPOUNDS, ['lcoms']);
    expect(counts).toMatchObject({ replicates: 2, match1: 1.5, matchAny: 2 });
    expect(counts?.spread.match1).toBeCloseTo(Math.SQRT1_2, 12);
    expect(counts?.spread.matchAny).toBe(0);
    expect(methodTable(counts ? [counts] : []).join('\n')).toContain('1.5+-0.7/2');
  });

  it('puts the methods of the spec first, in its order, then the baselines that have rows', () => {
    const all = [row('MgO', 'rocksalt', 0, true), row('MgO', 'b', 0, true), row('MgO', 'start', 0, true), ...rows];
    const order = summarise(all, COMPOUNDS, ['lcoms', 'b', 'none']).map(({ method }) => method);
    expect(order).toEqual(['lcoms', 'b', 'start', 'rocksalt']);
  });

  it('says in words where a trivial answer wins, at one try and at several', () => {
    const starts = [
      ...COMPOUNDS.map((formula) => row(formula, 'start', 0, true)),
      ...COMPOUNDS.map((formula) => row(formula, 'start', 0, true, { try: 1 })),
    ];
    expect(inWords(summarise([...rows, ...starts], COMPOUNDS, ['lcoms']))).toEqual([
      'lcoms does NOT beat the trivial answer "relaxed start": 1 against 2 strict matches.',
      'lcoms equals the trivial answer "relaxed start": 2 against 2 strict matches in 3 tries.',
    ]);
  });

  it('says so of many methods in a line a trivial answer', () => {
    const methods = ['a', 'b', 'c', 'd', 'e'];
    const all = methods.flatMap((method, i) =>
      COMPOUNDS.map((formula, j) => row(formula, method, 0, i > 2 ? true : i === 2 && j === 0)),
    );
    const baseline = COMPOUNDS.map((formula, j) => row(formula, 'rocksalt', 0, j === 0));
    expect(inWords(summarise([...all, ...baseline], COMPOUNDS, methods))).toEqual([
      'The trivial answer "rocksalt" has 1 strict matches; beat it: d 2, e 2; equal it: c 1; do NOT beat it: a 0, b 0.',
    ]);
  });
});

describe('random search', () => {
  it('is read as the lowest of the first k starts', () => {
    const starts = [
      row('MgO', 'start', 50, false),
      row('MgO', 'start', 0, true, { try: 1 }),
      row('MgO', 'start', 20, false, { try: 2 }),
    ];
    const curve = randomStartCurve(starts, ['MgO']);
    expect(curve.map(({ starts: k, summary }) => [k, summary.matchLowest, summary.hitAny])).toEqual([
      [1, 0, 0],
      [2, 1, 1],
      [3, 1, 1],
    ]);
    expect(randomStartCurve(starts.slice(0, 1), ['MgO'])).toEqual([]);
  });
});

describe('published figures', () => {
  const compounds = Object.keys(BINARY26);
  it('stand beside ours for the paper’s compounds alone, each beside its own method', () => {
    const summary = summarise(
      compounds.map((formula) => row(formula, 'lcoms', 0, formula !== 'Si')),
      compounds,
      ['lcoms'],
    );
    const lines = publishedTable(summary, compounds);
    expect(lines.find((line) => line.startsWith('LCOMs'))).toMatch(/16 +19 +26 +25$/);
    expect(lines.find((line) => line.startsWith('RAS'))).toMatch(/17 +18 +- +-$/);
    expect(publishedTable(summary, compounds.slice(1))).toEqual([]);
  });
});

describe('tables of all candidates', () => {
  const rows = [
    row('MgO', 'lcoms', 1.25, true, { note: 'draw 1, of 4', replicate: 2 }),
    row('ZnS', 'start', 0, false, { after: null, spaceGroup: null, rms: null, flags: ['not converged'] }),
  ];

  it('as Parquet hold what the CSV holds, numbers in full', async () => {
    const bytes = reportParquet(rows);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const read = await parquetReadObjects({ file });
    expect(read).toHaveLength(2);
    expect(read[0]).toMatchObject({ formula: 'MgO', replicate: 2, rms: 0.05, match: true, note: 'draw 1, of 4' });
    expect(read[0]?.['relaxed_above_truth_meV_per_atom']).toBe(1.25);
    expect(read[1]).toMatchObject({ flags: 'not converged', space_group: null, match: false });
    expect(read[1]?.['relaxed_energy_eV_per_atom'] ?? null).toBeNull();
    const [head, first] = reportCsv(rows).split('\n') as [string, string];
    expect(head.split(',')).toEqual(Object.keys(read[0] ?? {}));
    expect(first).toContain('"draw 1, of 4"');
    expect(Buffer.from(reportParquet(rows)).equals(Buffer.from(bytes))).toBe(true);
  });
});
