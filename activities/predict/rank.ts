import { volume } from '../../lib/crystal/lattice.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { Prediction } from '../../schemas/prediction.js';
import { confidenceOf } from './confidence.js';
import type { JudgedAnswer } from './second-opinion.js';

/** A prediction with its symmetrised primitive cell. */
export interface Ranked {
  prediction: Prediction;
  crystal: Crystal;
}

/** What bears on all answers of a compound. */
export interface RankingFacts {
  /** Tries that ended. */
  tries: number;
  complete: boolean;
  unseen: readonly string[];
  /** eV/atom by the same scorer; null when no structure is known. */
  lowestKnown: number | null;
  /** File name of a rank; null for ranks without a file. */
  fileOf(rank: number): string | null;
}

/** Six decimals of an eV: more is noise. */
const rounded = (x: number): number => Number(x.toFixed(6));

/** The answers as they are written, lowest energy first, each with its confidence. */
export function rankAnswers(judged: readonly JudgedAnswer[], facts: RankingFacts): Ranked[] {
  const ranked = [...judged].sort((a, b) => a.answer.energyPerAtom - b.answer.energyPerAtom);
  const best = ranked[0];
  if (!best) return [];
  const lowestSecond = Math.min(...ranked.flatMap(({ second }) => second ?? []));
  return ranked.map(({ answer, second }, i): Ranked => {
    const { crystal, energyPerAtom, symmetry } = answer;
    const next = ranked[i + 1];
    const confidence = confidenceOf({
      agreeing: answer.tries.size,
      templates: answer.templates,
      tries: facts.tries,
      above: energyPerAtom - best.answer.energyPerAtom,
      gap: next ? next.answer.energyPerAtom - energyPerAtom : null,
      secondLower: second === null ? null : second - lowestSecond,
      // Only of the first it is a flaw not to be the lowest known.
      aboveKnown: i > 0 || facts.lowestKnown === null ? null : energyPerAtom - facts.lowestKnown,
      unseen: facts.unseen,
      complete: facts.complete,
    });
    const prediction: Prediction = {
      rank: i + 1,
      file: facts.fileOf(i + 1),
      atoms: crystal.species.length,
      energyPerAtom: rounded(energyPerAtom),
      energyAboveBest: rounded(energyPerAtom - best.answer.energyPerAtom),
      spaceGroup: symmetry.symbol,
      spaceGroupNumber: symmetry.number,
      volumePerAtom: rounded(volume(crystal.lattice) / crystal.species.length),
      tries: answer.tries.size,
      sources: [...answer.sources].sort(),
      source: answer.origin.source,
      madeFrom: answer.origin.note,
      secondEnergyAboveBest: second === null || best.second === null ? null : rounded(second - best.second),
      confidence,
    };
    return { prediction, crystal };
  });
}
