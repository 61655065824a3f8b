import { BASELINE_METHODS } from '../../schemas/experiment.js';
import { aligned, titleOf } from './report-format.js';
import { isHit, isMatch, type ScoreRow } from './score-row.js';
import { type Share, wilson } from './wilson.js';

/** Formulas by group, as the spec gives them. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/** How the group of all compounds is called, where there are several groups. */
export const WHOLE = 'all';

/** Shares of the compounds of a group by one method: in the first try, and in any of its tries. */
export interface GroupSummary {
  group: string;
  method: string;
  /** Compounds of the group with a known structure. One without an answer of the method counts, as missed. */
  compounds: number;
  /** Most tries a compound. */
  tries: number;
  replicates: number;
  match1: Share;
  matchAny: Share;
  hit1: Share;
  hitAny: Share;
}

/** The groups, and all of them together. */
export function withWhole(groups: Groups): [string, readonly string[]][] {
  const own = Object.entries(groups);
  return own.length > 1 && !(WHOLE in groups) ? [...own, [WHOLE, own.flatMap(([, formulas]) => formulas)]] : own;
}

/** Formulas with a known structure: any row says so. Others can be neither matched nor hit, and say nothing of a method. */
export function withTruth(rows: readonly ScoreRow[], formulas: readonly string[]): string[] {
  const known = new Set(rows.filter(({ match }) => match !== null).map(({ formula }) => formula));
  return formulas.filter((formula) => known.has(formula));
}

/** A summary per group and method that has rows: methods of the spec in its order, then the baselines. */
export function summariseGroups(rows: readonly ScoreRow[], groups: Groups, methods: readonly string[]): GroupSummary[] {
  return withWhole(groups).flatMap(([group, formulas]) => {
    const compounds = withTruth(rows, formulas);
    return [...methods, ...BASELINE_METHODS].flatMap((method): GroupSummary[] => {
      const own = rows.filter((r) => r.method === method && compounds.includes(r.formula));
      if (own.length === 0) return [];
      const replicates = new Set(own.map(replicateOf)).size;
      const share = (counts: (row: ScoreRow) => boolean): Share => {
        const won = new Set(own.filter(counts).map((r) => `${r.formula} ${replicateOf(r)}`));
        return wilson(won.size / replicates, compounds.length);
      };
      const isFirst = (r: ScoreRow): boolean => r.try === 0;
      return [
        {
          ...{ group, method, compounds: compounds.length, replicates },
          tries: 1 + Math.max(...own.map((r) => r.try)),
          match1: share((r) => isFirst(r) && isMatch(r)),
          matchAny: share(isMatch),
          hit1: share((r) => isFirst(r) && isHit(r)),
          hitAny: share(isHit),
        },
      ];
    });
  });
}

/** A line a group and method, for people; no lines without groups. */
export function groupTable(summary: readonly GroupSummary[]): string[] {
  if (summary.length === 0) return [];
  const tries = Math.max(...summary.map((s) => s.tries));
  const counted: [string, 'match1' | 'matchAny' | 'hit1' | 'hitAny'][] = [
    ['match@1', 'match1'],
    [`match@${tries}`, 'matchAny'],
    ['<= 10 meV @1', 'hit1'],
    [`<= 10 meV @${tries}`, 'hitAny'],
  ];
  const shown = tries > 1 ? counted : counted.filter(([, key]) => key.endsWith('1'));
  return [
    'By group: compounds of those with a known structure, and their share in % with the Wilson score interval of one standard',
    'deviation. A compound that a method has no answer for counts as missed.',
    ...aligned([
      ['group', 'method', ...shown.map(([title]) => title)],
      ...summary.map((s) => [
        s.group,
        titleOf(s.method),
        ...shown.map(([, key]) => shareText(s[key], s.compounds, s.replicates)),
      ]),
    ]),
    '',
  ];
}

/** Metrics of the node, `METHOD.GROUP.MEASURE`: shares, so that groups of different size can be compared. */
export function groupMetrics(summary: readonly GroupSummary[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const { group, method, compounds, ...shares } of summary) {
    metrics[`${method}.${group}.compounds`] = compounds;
    for (const key of ['match1', 'matchAny', 'hit1', 'hitAny'] as const)
      metrics[`${method}.${group}.${key}`] = shares[key].share;
  }
  return metrics;
}

const shareText = ({ share, low, high }: Share, compounds: number, replicates: number): string => {
  const count = (share * compounds).toFixed(replicates > 1 ? 1 : 0);
  return `${count}/${compounds}, ${percent(share)} (${percent(low)}-${percent(high)})`;
};

const percent = (x: number): string => (100 * x).toFixed(0);
const replicateOf = (row: ScoreRow): number => row.replicate ?? 0;
