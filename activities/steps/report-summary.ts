import { isHit, isMatch, type ScoreRow } from './score-row.js';

/** Counts over compounds of one method. */
export interface MethodSummary {
  method: string;
  /** Compounds with an answer of this method. */
  compounds: number;
  /** Compounds whose first try matches the truth after relaxation (strict). */
  match1: number;
  /** Compounds with a match in any try. */
  matchAny: number;
  /** Compounds whose first try ends within 10 meV/atom of the truth. */
  hit10: number;
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

export const METHODS: readonly string[] = ['lcom', 'start', 'substitution', 'rocksalt'];

export function summarise(rows: readonly ScoreRow[], compounds: readonly string[]): MethodSummary[] {
  return METHODS.filter((method) => rows.some((r) => r.method === method)).map((method) => {
    const ofMethod = rows.filter((r) => r.method === method);
    const first = compounds.flatMap((formula) => ofMethod.find((r) => r.formula === formula && r.try === 0) ?? []);
    const any = compounds.filter((formula) => ofMethod.some((r) => r.formula === formula && isMatch(r)));
    return {
      method,
      compounds: first.length,
      match1: first.filter(isMatch).length,
      matchAny: any.length,
      hit10: first.filter(isHit).length,
      match1Tight: first.filter((r) => isMatch(r) && r.rms !== null && r.rms < 0.1).length,
      paperBefore: first.filter((r) => r.before?.paperRule === true).length,
      paperAfter: first.filter((r) => r.flags.length === 0 && r.after?.paperRule === true).length,
      medianBefore: median(first.map((r) => r.before?.aboveTruth)),
      medianAfter: median(first.map((r) => r.after?.aboveTruth)),
      flagged: first.filter((r) => r.flags.length > 0).length,
    };
  });
}

function median(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((v): v is number => v != null).sort((a, b) => a - b);
  const middle = known.length >> 1;
  const high = known[middle];
  if (high === undefined) return null;
  return known.length % 2 === 1 ? high : ((known[middle - 1] ?? high) + high) / 2;
}
