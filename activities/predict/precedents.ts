import { compositionOf } from '../../lib/crystal/composition.js';
import { Comparable, type MatchTolerances, matchStructures } from '../../lib/crystal/matcher.js';
import { substitute, substitutions } from '../../lib/crystal/substitution.js';
import type { Composition, Crystal } from '../../schemas/crystal.js';
import type { Template } from './sources/templates.js';

/** Known crystals that are asked, those of the most similar elements. */
const ASKED = 100;
/** Difference of the elements, per atom (elementDistance), over which a known crystal loses a factor e of its weight. */
const SIMILARITY = 0.1;
/** Weight of what is not known: precedents that together weigh less than this say little. */
const UNKNOWN = 0.03;
/** Wide enough for a crystal before its relaxation and one after it. */
const SAME_TYPE: MatchTolerances = { ltol: 0.2, stol: 0.3, angleTol: 10 };
/** eV/atom: the order of the errors of a learned potential. */
const ENERGY_SCALE = 0.02;
/** Share that every structure is credited with, so that one without precedents can be first. */
const UNPRECEDENTED = 0.05;

/** What known crystals say for a structure. */
export interface Support {
  /** How many of the most similar have its structure type. */
  count: number;
  /** Their share of the weight, 0 to 1. */
  share: number;
}

/**
 * How far the known crystals of the same stoichiometry speak for each structure: the hundred of the most similar elements, those
 * of the compound put in, each for the structure that it is nearest to (StructureMatcher, ltol 0.2, stol 0.3, angle 10) or for none.
 * One weighs exp(-d/0.1), d the difference of the elements per atom. After data-mined substitution (Hautier et al., Inorg. Chem. 50,
 * 656 (2011)), with a distance of elements instead of probabilities learnt from pairs.
 */
export function supportOf(
  unit: Composition,
  structures: readonly Crystal[],
  templates: readonly Template[],
): Support[] {
  const atoms = Object.values(unit).reduce((sum, n) => sum + n, 0);
  const counts = structures.map(() => 0);
  const weights = structures.map(() => 0);
  // Summed as the crystals come, not as the structures do: the order of the answers moves no bit of any share.
  let total = UNKNOWN;
  const compared = structures.map((crystal) => new Comparable(crystal));
  for (const { crystal, cost } of mostSimilar(unit, templates)) {
    const nearest = nearestOf(compared, new Comparable(crystal));
    if (nearest < 0) continue;
    counts[nearest] = (counts[nearest] as number) + 1;
    const weight = Math.exp(-cost / atoms / SIMILARITY);
    weights[nearest] = (weights[nearest] as number) + weight;
    total += weight;
  }
  return structures.map((_, i) => ({ count: counts[i] as number, share: (weights[i] as number) / total }));
}

/** Energy less what precedents are worth, eV/atom: the lower, the likelier. */
export function rankingEnergy(energyPerAtom: number, { share }: Support): number {
  return energyPerAtom - ENERGY_SCALE * Math.log(share + UNPRECEDENTED);
}

/** Every way to put the elements of the compound into a known crystal, cheapest first. */
function mostSimilar(unit: Composition, templates: readonly Template[]): { crystal: Crystal; cost: number }[] {
  return templates
    .flatMap(({ crystal }) =>
      substitutions(compositionOf(crystal.species), unit).map(({ replace, cost }) => ({ crystal, replace, cost })),
    )
    .sort((a, b) => a.cost - b.cost)
    .slice(0, ASKED)
    .map(({ crystal, replace, cost }) => ({ crystal: substitute(crystal, replace), cost }));
}

/** Index of the structure of the same type that moves its atoms the least; -1 when there is none. */
function nearestOf(structures: readonly Comparable[], crystal: Comparable): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  structures.forEach((structure, i) => {
    const { rms } = matchStructures(structure, crystal, SAME_TYPE);
    if (rms === null || rms >= least) return;
    least = rms;
    nearest = i;
  });
  return nearest;
}
