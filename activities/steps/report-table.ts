import { aligned, meV, titleOf, withSpread } from './report-format.js';
import type { MethodCounts, MethodSummary } from './report-summary.js';
import { isMatch, type ScoreRow } from './score-row.js';
import type { Truth } from './truth.js';

/** A line a compound: the first try of the first replicate. Methods after the first give energy and match only. */
export function compoundTable(
  rows: readonly ScoreRow[],
  compounds: readonly string[],
  truth: Truth,
  methods: readonly string[],
): string[] {
  const known = new Map(truth.compounds.map((c) => [c.formula, c.structures[0]]));
  const [main = 'lcom', ...others] = methods;
  const head = [
    '',
    'truth',
    'decoded',
    'relaxed',
    'match',
    'paper',
    ...others.flatMap((method) => [titleOf(method), '']),
  ];
  const body = compounds.map((formula) => {
    const of = (method: string) =>
      rows.find((r) => r.formula === formula && r.method === method && r.try === 0 && !r.replicate);
    const lowest = known.get(formula);
    const search = of(main);
    const cells = [
      formula,
      lowest ? `${lowest.name} ${lowest.spaceGroupSymbol}` : 'unknown',
      meV(search?.before?.aboveTruth),
      meV(search?.after?.aboveTruth),
      tick(search),
      yesNo(search?.before?.paperRule),
    ];
    return [...cells, ...others.flatMap((method) => [meV(of(method)?.after?.aboveTruth), tick(of(method))])];
  });
  return aligned([head, ...body]);
}

/** A line a method: counts over compounds, with the spread over replicates where there are several. */
export function methodTable(summary: readonly MethodSummary[]): string[] {
  const tries = Math.max(...summary.map((s) => s.tries));
  const counted: [string, keyof MethodCounts][] = [
    [tries > 1 ? 'match@1' : 'strict match', 'match1'],
    ['rms < 0.1', 'match1Tight'],
    ['<= 10 meV', 'hit10'],
    ...(tries > 1
      ? ([
          [`match@${tries}`, 'matchAny'],
          ['lowest matches', 'matchLowest'],
          [`<= 10 meV @${tries}`, 'hitAny'],
        ] as [string, keyof MethodCounts][])
      : []),
    ['paper decoded', 'paperBefore'],
    ['paper relaxed', 'paperAfter'],
  ];
  return aligned([
    ['method', ...counted.map(([title]) => title), 'median decoded', 'median relaxed', 'refused'],
    ...summary.map((s) => [
      titleOf(s.method),
      ...counted.map(([, key]) => `${withSpread(s[key] as number, s.spread[key])}/${s.compounds}`),
      meV(s.medianBefore),
      meV(s.medianAfter),
      withSpread(s.flagged, s.spread.flagged),
    ]),
  ]);
}

const yesNo = (value: boolean | null | undefined) => (value == null ? '-' : value ? 'yes' : 'no');

function tick(row: ScoreRow | undefined): string {
  if (!row || row.match === null) return '-';
  if (row.flags.length > 0) return 'refused';
  return isMatch(row) ? 'yes' : 'no';
}
