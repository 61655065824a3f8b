import { SECOND_OPINION_TOLERANCE } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Answer } from './answers.js';

/** With fewer structures it can't be told which of two is the odd one. */
const ENOUGH = 3;

/** An answer and what the independent model says of it, eV/atom on that model's own scale; null when it says nothing. */
export interface JudgedAnswer {
  answer: Answer;
  second: number | null;
}

/**
 * Asks the second opinion about each answer as it is, and drops holes of the scorer: structures that the scorer puts more
 * than the tolerance lower beside the others (their median) than the second opinion does. Only differences count, since
 * the two models' energies have different zeros.
 */
export async function judgeAgain(
  answers: readonly Answer[],
  second: Scorer | null,
): Promise<{ kept: JudgedAnswer[]; holes: number }> {
  const evaluations = second ? await second.evaluate(answers.map(({ crystal }) => crystal)) : [];
  const judged = answers.map((answer, i): JudgedAnswer => {
    const evaluation = evaluations[i];
    const known = evaluation !== undefined && !(evaluation instanceof LcomsError);
    const energy = known ? evaluation.energy / answer.crystal.species.length : Number.NaN;
    return { answer, second: Number.isFinite(energy) ? energy : null };
  });
  const offsets = judged.flatMap((j) => (j.second === null ? [] : [offset(j)])).sort((a, b) => a - b);
  if (offsets.length < ENOUGH) return { kept: judged, holes: 0 };
  const median = offsets[offsets.length >> 1] as number;
  const kept = judged.filter((j) => j.second === null || offset(j) >= median - SECOND_OPINION_TOLERANCE);
  return { kept, holes: judged.length - kept.length };
}

const offset = ({ answer, second }: JudgedAnswer): number => answer.energyPerAtom - (second ?? Number.NaN);
