import type { MethodSummary } from './report-summary.js';
import { isMatch, type ScoreRow } from './score-row.js';
import type { Truth } from './truth.js';

/** How each method is called in the table. */
const TITLES: Readonly<Record<string, string>> = {
  lcom: 'search',
  start: 'relaxed start',
  substitution: 'substitution',
  rocksalt: 'rocksalt',
};

/**
 * The results for people: a line a compound (first try), then counts per method, then what they say in words. Above all,
 * where plugins for tests only were used (`testOnly`, their ids), that these are no results.
 */
export function reportTable(
  rows: readonly ScoreRow[],
  compounds: readonly string[],
  truth: Truth,
  summary: readonly MethodSummary[],
  testOnly: readonly string[] = [],
): string {
  const methods = summary.map((s) => s.method);
  const known = new Map(truth.compounds.map((c) => [c.formula, c.structures[0]]));
  const head = [
    '',
    'truth',
    'decoded',
    'relaxed',
    'match',
    'paper',
    ...methods.slice(1).flatMap((m) => [TITLES[m] ?? m, '']),
  ];
  const body = compounds.map((formula) => {
    const of = (method: string) => rows.find((r) => r.formula === formula && r.method === method && r.try === 0);
    const lowest = known.get(formula);
    const search = of('lcom');
    const cells = [
      formula,
      lowest ? `${lowest.name} ${lowest.spaceGroupSymbol}` : 'unknown',
      meV(search?.before?.aboveTruth),
      meV(search?.after?.aboveTruth),
      tick(search),
      yesNo(search?.before?.paperRule),
    ];
    return [...cells, ...methods.slice(1).flatMap((m) => [meV(of(m)?.after?.aboveTruth), tick(of(m))])];
  });
  const counts = [
    [
      'method',
      'strict match',
      'rms < 0.1',
      '<= 10 meV',
      'paper decoded',
      'paper relaxed',
      'median decoded',
      'median relaxed',
      'refused',
    ],
    ...summary.map((s) => [
      TITLES[s.method] ?? s.method,
      ...[s.match1, s.match1Tight, s.hit10, s.paperBefore, s.paperAfter].map((n) => `${n}/${s.compounds}`),
      meV(s.medianBefore),
      meV(s.medianAfter),
      String(s.flagged),
    ]),
  ];
  const { name, version } = truth.scorer;
  return [
    ...(testOnly.length > 0 ? [`NOT RESULTS: made with ${testOnly.join(', ')}, which is for tests only.`, ''] : []),
    `First try per compound. Energies in meV/atom above the lowest known structure, all by ${name} ${version};`,
    'match: StructureMatcher (ltol 0.3, stol 0.5, angle 10) after relaxation, no guard tripped; paper: (E - E*)/|E*| <= 0.20 as decoded.',
    '',
    ...aligned([head, ...body]),
    '',
    ...aligned(counts),
    '',
    ...inWords(summary),
    '',
  ].join('\n');
}

function inWords(summary: readonly MethodSummary[]): string[] {
  const search = summary.find((s) => s.method === 'lcom');
  if (!search) return [];
  return summary
    .filter((s) => s !== search)
    .map((s) => {
      const title = TITLES[s.method] ?? s.method;
      const how = search.match1 > s.match1 ? 'beats' : search.match1 === s.match1 ? 'equals' : 'does NOT beat';
      return `The search ${how} the trivial answer "${title}": ${search.match1} against ${s.match1} strict matches.`;
    });
}

const meV = (value: number | null | undefined) =>
  value == null ? '-' : Math.abs(value) >= 9999.5 ? '>9999' : value.toFixed(0).replace(/^-0$/, '0');
const yesNo = (value: boolean | null | undefined) => (value == null ? '-' : value ? 'yes' : 'no');

function tick(row: ScoreRow | undefined): string {
  if (!row || row.match === null) return '-';
  if (row.flags.length > 0) return 'refused';
  return isMatch(row) ? 'yes' : 'no';
}

/** Columns padded to one width; the first two to the left, the rest to the right. */
function aligned(lines: readonly string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  return lines.map((line) =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
