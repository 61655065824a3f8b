import { Comparable, type MatchTolerances, matchStructures } from '../../../lib/crystal/matcher.js';
import type { Crystal } from '../../../schemas/crystal.js';

/** So tight that a tilted perovskite is not taken for the cubic one: unrelaxed crystals this alike relax to the same. */
export const ALIKE: MatchTolerances = { ltol: 0.03, stol: 0.03, angleTol: 1 };

/** Crystals of one composition that have been proposed, to tell the next from; cells may differ, volumes are not compared. */
export class DistinctCrystals {
  private readonly crystals: Comparable[] = [];

  /** Adds a crystal unless there is one like it; says whether it was added. */
  add(crystal: Crystal): boolean {
    const compared = new Comparable(crystal);
    if (this.crystals.some((other) => matchStructures(other, compared, ALIKE).match)) return false;
    this.crystals.push(compared);
    return true;
  }
}
