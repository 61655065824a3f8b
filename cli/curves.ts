import { type Groups, withTruth, withWhole } from '../activities/steps/report-groups.js';
import type { ScoreRow } from '../activities/steps/score-row.js';
import { type Share, wilson } from '../activities/steps/wilson.js';
import { spreadOf } from '../lib/plot/spread.js';
import { BASELINE_METHODS } from '../schemas/experiment.js';
import type { TriedCompound } from './try-times.js';

/** CPU seconds a compound between which areas are taken, the same for all runs, so that areas of two runs compare. */
export const RANGE: readonly [number, number] = [0.1, 1000];
const STEPS_A_DECADE = 20;

/** Points of a curve, CPU seconds: evenly spaced on a logarithmic axis. */
export const GRID: readonly number[] = Array.from(
  { length: Math.round(Math.log10(RANGE[1] / RANGE[0]) * STEPS_A_DECADE) + 1 },
  (_, i) => Number((RANGE[0] * 10 ** (i / STEPS_A_DECADE)).toPrecision(6)),
);

/** A mean over compounds and its standard error; null for one compound. */
export interface Estimate {
  mean: number;
  error: number | null;
}

/** How one method gets on at the compounds of one group. */
export interface Curve {
  group: string;
  method: string;
  /** Compounds of the group with a known structure. */
  compounds: number;
  /** Most tries a compound. */
  tries: number;
  /** CPU seconds: of a try, mean; until all tries of the middle compound are used up. Of compounds that it has an answer for. */
  trySeconds: number;
  usedUpSeconds: number;
  /** One-off CPU seconds, all replicates together. */
  training: number;
  points: CurvePoint[];
  /** Areas under the curves over log seconds, as a share of the whole: 1 is all at once, 0 is none at all in 1000 s. */
  hitArea: Estimate;
  matchArea: Estimate;
  /** Hit area less that of the first method, compound by compound; null for that one itself. */
  hitAboveFirst: Estimate | null;
}

export interface CurvePoint {
  seconds: number;
  /** Shares of compounds hit, and matched, by then. */
  hit: Share;
  match: Share;
  /** Share of compounds whose tries are used up: from there on more tries could only raise the curve. */
  usedUp: number;
}

/** Curves of all groups and methods that answered any of its compounds, in the order of the report. */
export function curvesOf(
  tried: readonly TriedCompound[],
  rows: readonly ScoreRow[],
  groups: Groups,
  methods: readonly string[],
  trainings: ReadonlyMap<string, number>,
): Curve[] {
  return withWhole(groups).flatMap(([group, formulas]) => {
    const known = withTruth(rows, formulas);
    const of = (method: string): TriedCompound[][] => {
      const own = tried.filter((t) => t.method === method);
      return known.map((formula) => own.filter((t) => t.formula === formula));
    };
    const first = of(methods[0] ?? '').map((tries) => area(tries, 'hit'));
    return [...methods, ...BASELINE_METHODS].flatMap((method, i): Curve[] => {
      const own = of(method);
      const answered = own.flat();
      if (answered.length === 0) return [];
      const hits = own.map((tries) => area(tries, 'hit'));
      const ends = answered.map(lastEnd);
      return [
        {
          ...{ group, method, compounds: known.length },
          tries: Math.max(...answered.map((t) => t.ends.length)),
          trySeconds: sum(ends) / sum(answered.map((t) => t.ends.length)),
          usedUpSeconds: spreadOf(ends)?.median ?? 0,
          training: trainings.get(method) ?? 0,
          points: GRID.map((seconds) => pointAt(seconds, own)),
          hitArea: estimate(hits),
          matchArea: estimate(own.map((tries) => area(tries, 'match'))),
          hitAboveFirst: i === 0 ? null : estimate(hits.map((hit, c) => hit - (first[c] as number))),
        },
      ];
    });
  });
}

function pointAt(seconds: number, compounds: readonly TriedCompound[][]): CurvePoint {
  const share = (done: (t: TriedCompound) => boolean): number =>
    sum(compounds.map((tries) => mean(tries.map((t) => (done(t) ? 1 : 0)))));
  const n = compounds.length;
  const by = (time: number | null): boolean => time !== null && time <= seconds;
  return {
    seconds,
    hit: wilson(
      share((t) => by(t.hit)),
      n,
    ),
    match: wilson(
      share((t) => by(t.match)),
      n,
    ),
    // A compound without an answer has none to come.
    usedUp:
      sum(compounds.map((t) => (t.length === 0 ? 1 : mean(t.map((own) => (lastEnd(own) <= seconds ? 1 : 0)))))) / n,
  };
}

/** Share of the logarithmic range for which a compound is hit or matched, mean over replicates. */
function area(tries: readonly TriedCompound[], what: 'hit' | 'match'): number {
  const [from, to] = RANGE;
  const after = (time: number | null): number =>
    time === null || time >= to ? 0 : Math.log(to / Math.max(from, time)) / Math.log(to / from);
  return mean(tries.map((t) => after(t[what])));
}

function estimate(values: readonly number[]): Estimate {
  const spread = spreadOf(values);
  const error = spread && spread.n > 1 ? spread.deviation / Math.sqrt(spread.n) : null;
  return { mean: spread?.mean ?? 0, error };
}

const lastEnd = ({ ends }: TriedCompound): number => ends.at(-1) ?? 0;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);
