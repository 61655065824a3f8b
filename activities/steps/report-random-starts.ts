import { aligned, meV, withSpread } from './report-format.js';
import { type MethodSummary, summarise } from './report-summary.js';
import type { ScoreRow } from './score-row.js';

/** Numbers of random starts that the curve is read at. */
const STARTS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100];

/** Random search: the lowest of the first k relaxed random starts, by k. */
export interface RandomStarts {
  starts: number;
  summary: MethodSummary;
}

/** The curve of random search with relaxation by the same scorer; empty when no compound has two starts. */
export function randomStartCurve(rows: readonly ScoreRow[], compounds: readonly string[]): RandomStarts[] {
  const starts = rows.filter((r) => r.method === 'start');
  const most = 1 + Math.max(-1, ...starts.map((r) => r.try));
  if (most < 2) return [];
  return [...new Set([...STARTS.filter((k) => k < most), most])].map((k) => ({
    starts: k,
    summary: summarise(
      starts.filter((r) => r.try < k),
      compounds,
      [],
    )[0] as MethodSummary,
  }));
}

/** The curve for people; no lines when there is none. */
export function randomStartTable(curve: readonly RandomStarts[]): string[] {
  if (curve.length === 0) return [];
  return [
    'Random search with relaxation: what the lowest of k random starts answers.',
    ...aligned([
      ['k', 'lowest matches', 'any matches', '<= 10 meV', 'median first'],
      ...curve.map(({ starts, summary: s }) => [
        String(starts),
        `${withSpread(s.matchLowest, s.spread.matchLowest)}/${s.compounds}`,
        `${withSpread(s.matchAny, s.spread.matchAny)}/${s.compounds}`,
        `${withSpread(s.hitAny, s.spread.hitAny)}/${s.compounds}`,
        meV(s.medianAfter),
      ]),
    ]),
    '',
  ];
}
