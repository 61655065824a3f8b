import { BASELINE_METHODS } from '../../schemas/experiment.js';
import { isHit, isMatch, type ScoreRow } from './score-row.js';

/** Counts over compounds of one method in one replicate, or their means over replicates. */
export interface MethodCounts {
  /** Compounds with an answer of this method. */
  compounds: number;
  /** Compounds whose first try matches the truth after relaxation (strict): match@1. */
  match1: number;
  /** Compounds with a match in any try: match@20 with 20 tries. */
  matchAny: number;
  /** Compounds where the lowest of all tries that no guard refused matches: what one would answer without the truth. */
  matchLowest: number;
  /** Compounds whose first try ends within 10 meV/atom of the truth. */
  hit10: number;
  /** Compounds with a try within 10 meV/atom. */
  hitAny: number;
  /** Matches of the first try with rms below 0.1: stol 0.5 is nearly empty for two atoms. */
  match1Tight: number;
  /** Paper rule of the first try, as proposed and relaxed. */
  paperBefore: number;
  paperAfter: number;
  /** Medians over first tries, meV/atom above the truth. */
  medianBefore: number | null;
  medianAfter: number | null;
  /** First tries that a guard refused. */
  flagged: number;
}

/** Means over the replicates of one method. */
export interface MethodSummary extends MethodCounts {
  method: string;
  /** Most tries per compound. */
  tries: number;
  replicates: number;
  /** Sample standard deviations over the replicates, by measure; empty for one replicate. */
  spread: Partial<Record<keyof MethodCounts, number>>;
}

/** A summary per method that has rows: those of the spec in its order, then the baselines. */
export function summarise(
  rows: readonly ScoreRow[],
  compounds: readonly string[],
  methods: readonly string[],
): MethodSummary[] {
  return [...methods, ...BASELINE_METHODS]
    .map((method) => ({ method, own: rows.filter((r) => r.method === method) }))
    .filter(({ own }) => own.length > 0)
    .map(({ method, own }) => {
      const replicates = [...new Set(own.map((r) => r.replicate ?? 0))];
      const counts = replicates.map((replicate) =>
        count(
          own.filter((r) => (r.replicate ?? 0) === replicate),
          compounds,
        ),
      );
      const tries = 1 + Math.max(...own.map((r) => r.try));
      return { method, tries, replicates: counts.length, ...meansOf(counts) };
    });
}

function count(rows: readonly ScoreRow[], compounds: readonly string[]): MethodCounts {
  const tries = compounds.map((formula) => rows.filter((r) => r.formula === formula)).filter((own) => own.length > 0);
  const first = tries.flatMap((own) => own.find((r) => r.try === 0) ?? []);
  return {
    compounds: first.length,
    match1: first.filter(isMatch).length,
    matchAny: tries.filter((own) => own.some(isMatch)).length,
    matchLowest: tries.filter((own) => {
      const answer = lowest(own);
      return answer !== undefined && isMatch(answer);
    }).length,
    hit10: first.filter(isHit).length,
    hitAny: tries.filter((own) => own.some(isHit)).length,
    match1Tight: first.filter((r) => isMatch(r) && r.rms !== null && r.rms < 0.1).length,
    paperBefore: first.filter((r) => r.before?.paperRule === true).length,
    paperAfter: first.filter((r) => r.flags.length === 0 && r.after?.paperRule === true).length,
    medianBefore: median(first.map((r) => r.before?.aboveTruth)),
    medianAfter: median(first.map((r) => r.after?.aboveTruth)),
    flagged: first.filter((r) => r.flags.length > 0).length,
  };
}

/** The answer among the tries of a compound: what no guard refuses first, then the lowest relaxed energy. */
export function lowest(tries: readonly ScoreRow[]): ScoreRow | undefined {
  const rank = (r: ScoreRow) => (r.flags.length === 0 ? 0 : 1e6) + (r.after?.energyPerAtom ?? 1e5);
  return [...tries].sort((a, b) => rank(a) - rank(b))[0];
}

function meansOf(counts: readonly MethodCounts[]): MethodCounts & Pick<MethodSummary, 'spread'> {
  const means: Record<string, number | null> = {};
  const spread: MethodSummary['spread'] = {};
  for (const key of Object.keys(counts[0] as MethodCounts) as (keyof MethodCounts)[]) {
    const values = counts.map((c) => c[key]).filter((v) => v !== null);
    const mean = values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
    means[key] = mean;
    if (mean !== null && values.length > 1)
      spread[key] = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
  }
  return { ...(means as unknown as MethodCounts), spread };
}

function median(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((v): v is number => v != null).sort((a, b) => a - b);
  const middle = known.length >> 1;
  const high = known[middle];
  if (high === undefined) return null;
  return known.length % 2 === 1 ? high : ((known[middle - 1] ?? high) + high) / 2;
}
