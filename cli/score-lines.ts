import { compositionOf, reducedFormula } from '../lib/crystal/composition.js';
import { requireApart } from '../lib/crystal/validity.js';
import { maxForce } from '../lib/scoring/evaluation.js';
import type { Scorer } from '../plugins/contract/scorer.js';
import { LcomsError } from '../schemas/errors.js';
import type { ScorerIdentity } from '../schemas/score.js';
import type { InputRow } from './crystal-batches.js';

/** A crystal that could not be read, scored or relaxed. */
export interface BadLine {
  file: string;
  index: number;
  error: { code: string; message: string };
}

/** What `lcoms score` prints of a crystal. */
export type ScoredLine =
  | BadLine
  | {
      file: string;
      index: number;
      formula: string;
      atoms: number;
      energyPerAtom: number;
      maxForce: number;
      scorer: ScorerIdentity;
    };

/** A row that could not be read, with its line in the file. */
export function badLine({ file, index, line, error }: InputRow & { error: BadLine['error'] }): BadLine {
  return { file, index, error: { code: error.code, message: `line ${line}: ${error.message}` } };
}

/** Scores rows together. What is no crystal that could be, or gets no number from the scorer, gives its own error. */
export async function scoreLines(rows: readonly InputRow[], scorer: Scorer): Promise<ScoredLine[]> {
  const bad = rows.map(refuse);
  const sound = rows.flatMap((row, i) => ('crystal' in row && !bad[i] ? [row.crystal] : []));
  const evaluations = (sound.length > 0 ? await scorer.evaluate(sound) : []).values();
  return rows.map((row, i): ScoredLine => {
    const refused = bad[i];
    if (refused) return refused;
    if ('error' in row) return badLine(row);
    const { file, index, crystal } = row;
    const evaluation = evaluations.next().value;
    if (evaluation === undefined || evaluation instanceof LcomsError) {
      const { code, message } = evaluation ?? new LcomsError('LCOMS_E_INTERNAL', 'the scorer gave no answer');
      return { file, index, error: { code, message } };
    }
    const atoms = crystal.species.length;
    const energyPerAtom = evaluation.energy / atoms;
    const force = maxForce(evaluation.forces);
    if (!Number.isFinite(energyPerAtom) || !Number.isFinite(force)) {
      const message = `the scorer gave the energy ${energyPerAtom} and the force ${force}`;
      return { file, index, error: { code: 'LCOMS_E_CRYSTAL', message } };
    }
    const formula = reducedFormula(compositionOf(crystal.species));
    return { file, index, formula, atoms, energyPerAtom, maxForce: force, scorer: scorer.identity };
  });
}

/** Why a row is not given to a scorer; null when it is. */
export function refuse(row: InputRow): BadLine | null {
  if ('error' in row) return badLine(row);
  try {
    requireApart(row.crystal);
    return null;
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    return { file: row.file, index: row.index, error: { code: error.code, message: error.message } };
  }
}
