import { volume } from '../../lib/crystal/lattice.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { Prediction } from '../../schemas/prediction.js';
import { confidenceOf } from './confidence.js';
import { rankingEnergy, type Support } from './precedents.js';
import type { JudgedAnswer } from './second-opinion.js';

/** What the order of answers is by: energy and precedents, or energy alone. */
export const ORDERS = ['precedents', 'energy'] as const;
export type Order = (typeof ORDERS)[number];

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
  order: Order;
  /** File name of a rank; null for ranks without a file. */
  fileOf(rank: number): string | null;
}

/** Six decimals of an eV: more is noise. */
const rounded = (x: number): number => Number(x.toFixed(6));

/**
 * The answers as they are written, the likeliest first, each with its confidence.
 * @param supports what precedents say for each
 */
export function rankAnswers(
  judged: readonly JudgedAnswer[],
  supports: readonly Support[],
  facts: RankingFacts,
): Ranked[] {
  const byEnergy = judged
    .map((j, i) => ({ ...j, support: supports[i] ?? { count: 0, share: 0 } }))
    .sort((a, b) => a.answer.energyPerAtom - b.answer.energyPerAtom);
  const lowest = byEnergy[0];
  if (!lowest) return [];
  const key = ({ answer, support }: (typeof byEnergy)[number]): number =>
    facts.order === 'energy' ? answer.energyPerAtom : rankingEnergy(answer.energyPerAtom, support);
  const ranked = [...byEnergy].sort((a, b) => key(a) - key(b));
  const lowestSecond = Math.min(...ranked.flatMap(({ second }) => second ?? []));
  return ranked.map((one, i): Ranked => {
    const { answer, second, support } = one;
    const { crystal, energyPerAtom, symmetry } = answer;
    const next = byEnergy[byEnergy.indexOf(one) + 1];
    const confidence = confidenceOf({
      rank: i + 1,
      agreeing: answer.tries.size,
      templates: answer.templates,
      tries: facts.tries,
      precedents: support,
      above: energyPerAtom - lowest.answer.energyPerAtom,
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
      energyAboveBest: rounded(energyPerAtom - lowest.answer.energyPerAtom),
      spaceGroup: symmetry.symbol,
      spaceGroupNumber: symmetry.number,
      volumePerAtom: rounded(volume(crystal.lattice) / crystal.species.length),
      tries: answer.tries.size,
      precedents: support.count,
      precedentShare: rounded(support.share),
      sources: [...answer.sources].sort(),
      source: answer.origin.source,
      madeFrom: answer.origin.note,
      secondEnergyAboveBest: second === null || lowest.second === null ? null : rounded(second - lowest.second),
      confidence,
    };
    return { prediction, crystal };
  });
}
