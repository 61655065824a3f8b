import { titleOf, withSpread } from '../activities/steps/report-format.js';
import { summarise } from '../activities/steps/report-summary.js';
import type { ScoreRow } from '../activities/steps/score-row.js';
import { type MethodCost, secondsOf } from './method-cost.js';
import { table } from './output.js';

/** A method at one try, as many evaluations as its optimizer makes, and at as many tries as a CPU budget buys. */
export interface EqualTimeRow {
  method: string;
  /** Per try: of the surrogate in a latent space, of the scorer over structures; null for answers without a search. */
  evaluations: number | null;
  /** CPU seconds of a try, trainings not counted; null where nobody measures it. */
  cpuSeconds: number | null;
  /** Tries that the budget buys. */
  bought: number;
  /** Tries that the run has of these; figures are of them. */
  tries: number;
  compounds: number;
  /** Of the first try: matches, and within 10 meV/atom. */
  first: Figures;
  /** Of the lowest of these tries. */
  bestOfBought: Figures;
}

/** Means over replicates, with their standard deviations where there are several. */
interface Figures {
  match: number;
  matchSpread: number | undefined;
  hit: number;
  hitSpread: number | undefined;
}

export interface EqualTime {
  /** CPU seconds a compound: the cheapest budget in which every method comes to an answer, a try of the dearest. */
  seconds: number;
  rows: EqualTimeRow[];
}

/**
 * Methods at equal CPU time: from the mean cost of a try of each, how many tries the budget buys, and what the lowest of so
 * many finds. `start` is random search with relaxation: the lowest of k relaxed random starts.
 *
 * @param start CPU seconds of a relaxed random start
 */
export function equalTime(
  costs: readonly MethodCost[],
  start: number,
  rows: readonly ScoreRow[],
  compounds: readonly string[],
): EqualTime | null {
  if (costs.length === 0 || rows.length === 0) return null;
  const seconds = Math.max(...costs.map(secondsOf));
  const paid = [
    ...costs.map((cost) => ({ method: cost.method, each: secondsOf(cost), evaluations: cost.evaluations })),
    { method: 'start', each: start > 0 ? start : null, evaluations: null },
    ...['substitution', 'rocksalt'].map((method) => ({ method, each: null, evaluations: null })),
  ];
  return {
    seconds,
    rows: paid.flatMap(({ method, each, evaluations }): EqualTimeRow[] => {
      const own = rows.filter((row) => row.method === method);
      if (own.length === 0) return [];
      // The dearest method buys one try whatever rounding says.
      const bought = each === null ? 1 : Math.max(1, Math.floor(seconds / each + 1e-9));
      const tries = Math.min(bought, 1 + Math.max(...own.map((row) => row.try)));
      const first = figures(own, compounds, method, 1);
      const bestOfBought = figures(own, compounds, method, tries);
      return [
        { method, evaluations, cpuSeconds: each, bought, tries, compounds: first.compounds, first, bestOfBought },
      ];
    }),
  };
}

function figures(rows: readonly ScoreRow[], compounds: readonly string[], method: string, tries: number) {
  const [summary] = summarise(
    rows.filter((row) => row.try < tries),
    compounds,
    [method],
  );
  return {
    compounds: summary?.compounds ?? 0,
    match: summary?.matchLowest ?? 0,
    matchSpread: summary?.spread.matchLowest,
    hit: summary?.hitAny ?? 0,
    hitSpread: summary?.spread.hitAny,
  };
}

/** equal-time.csv: a line a method. */
export function equalTimeCsv({ seconds, rows }: EqualTime): string {
  const head =
    'method,evaluations,cpu_s_a_try,budget_cpu_s,tries_bought,tries_counted,compounds,match_1,hit_10meV_1,match_equal_cpu,hit_10meV_equal_cpu';
  const lines = rows.map((r) =>
    [
      r.method,
      r.evaluations?.toFixed(1) ?? '',
      r.cpuSeconds?.toFixed(3) ?? '',
      seconds.toFixed(3),
      r.bought,
      r.tries,
      r.compounds,
      ...[r.first.match, r.first.hit, r.bestOfBought.match, r.bestOfBought.hit].map((x) => x.toFixed(3)),
    ].join(','),
  );
  return `${[head, ...lines].join('\n')}\n`;
}

/** The same for people; '' when there is nothing to compare. */
export function equalTimeTable(compared: EqualTime | null, training: number): string {
  if (compared === null) return '';
  const { seconds, rows } = compared;
  const of = (value: number, spread: number | undefined, compounds: number): string =>
    `${withSpread(value, spread)}/${compounds}`;
  const body = rows.map((r) => [
    titleOf(r.method),
    r.evaluations === null ? '-' : r.evaluations.toFixed(0),
    of(r.first.match, r.first.matchSpread, r.compounds),
    of(r.first.hit, r.first.hitSpread, r.compounds),
    r.cpuSeconds?.toFixed(2) ?? '-',
    r.cpuSeconds === null ? '-' : r.bought > r.tries ? `${r.tries} of ${r.bought}` : String(r.bought),
    of(r.bestOfBought.match, r.bestOfBought.matchSpread, r.compounds),
    of(r.bestOfBought.hit, r.bestOfBought.hitSpread, r.compounds),
  ]);
  const head = ['', 'evaluations', 'match', '<= 10 meV', 'CPU s', 'tries', 'match', '<= 10 meV'];
  const cut = rows.some((r) => r.bought > r.tries);
  return [
    `One try each, and the lowest of as many tries as ${seconds.toFixed(1)} CPU seconds a compound buy (a try of the dearest method):`,
    table([['', 'one try', '', '', '', 'equal CPU', '', ''], head, ...body], [1, 2, 3, 4, 5, 6, 7]),
    ...(cut
      ? ['k of n: the run has k tries of the n that the seconds buy, so the method may do better than shown.']
      : []),
    `Evaluations are of the surrogate for searches of latents, of the scorer for searches of structures. Trainings: ${training.toFixed(0)} CPU s in all, for latents only, not counted.`,
  ].join('\n');
}
