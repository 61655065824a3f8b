import type { CrystalRow } from '../../lib/crystal/io/read.js';
import { LcomsError } from '../../schemas/errors.js';
import { type ScorerIdentity, sameScorer } from '../../schemas/score.js';

/** The way out of every mixture: the same for each place that finds one. */
export const SCORE_AGAIN =
  'Energies of different scorers are never mixed: score the crystals again by one, with ' +
  '`lcoms data score FILE --out OUT.jsonl`.';

/** `chgnet r2scan (weights 5817d7d1788b)`, for messages. */
export function scorerName({ name, version, weights }: ScorerIdentity): string {
  return `${name} ${version} (${weights === null ? 'no weights' : `weights ${weights.slice(0, 12)}`})`;
}

/**
 * Who made the total energies of a file: the one scorer that all its rows with an energy name; null when some name none.
 * @param file for messages
 * @throws LcomsError LCOMS_E_INPUT naming file, line and both scorers when two rows name different ones.
 */
export function scorerOf(rows: readonly CrystalRow[], file: string): ScorerIdentity | null {
  let first: { scorer: ScorerIdentity; line: number } | null = null;
  let silent = false;
  for (const row of rows) {
    if ('error' in row || row.crystal.energyPerAtom === undefined) continue;
    const { scorer, line } = row;
    if (scorer === undefined) silent = true;
    else if (first === null) first = { scorer, line };
    else if (!sameScorer(scorer, first.scorer)) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `this row's energy is by ${scorerName(scorer)}, that of line ${first.line} by ${scorerName(first.scorer)}`,
        { file, line, hint: SCORE_AGAIN },
      );
    }
  }
  return silent ? null : (first?.scorer ?? null);
}

/**
 * Checks that every energy of a file is by `scorer`.
 * @throws LcomsError LCOMS_E_INPUT naming file, line and both scorers for the first row of another or unnamed one.
 */
export function requireScorer(rows: readonly CrystalRow[], scorer: ScorerIdentity, file: string): void {
  for (const row of rows) {
    if ('error' in row || (row.scorer !== undefined && sameScorer(row.scorer, scorer))) continue;
    const found = row.scorer === undefined ? 'names no scorer' : `is by ${scorerName(row.scorer)}`;
    throw new LcomsError('LCOMS_E_INPUT', `this row's energy ${found}; the set's is ${scorerName(scorer)}`, {
      file,
      line: row.line,
      hint: SCORE_AGAIN,
    });
  }
}
