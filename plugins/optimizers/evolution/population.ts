import { type ScoredCrystal, sameStructure } from '../../../lib/crystal/same-structure.js';
import type { Rng } from '../../../lib/random/rng.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { EvolutionOptions } from './options.js';

type Selection = Pick<EvolutionOptions, 'selection' | 'bestFraction' | 'energyTolerance'>;

/** The best crystals found so far, each structure once, the lowest first: the parents of the next ones. */
export class Population {
  constructor(
    private readonly size: number,
    private readonly options: Selection,
    /** Lowest first. */
    readonly members: ScoredCrystal[] = [],
  ) {}

  /** Takes a crystal in. Of two cells of one structure the lower stays. True when it was there already. */
  add(found: ScoredCrystal): boolean {
    const twin = this.members.findIndex((member) => this.same(member, found));
    if (twin >= 0) {
      if (found.energyPerAtom >= (this.members[twin] as ScoredCrystal).energyPerAtom) return true;
      this.members.splice(twin, 1);
    }
    // Behind its equals: what was found first stays first.
    const place = this.members.findIndex(({ energyPerAtom }) => energyPerAtom > found.energyPerAtom);
    this.members.splice(place < 0 ? this.members.length : place, 0, found);
    this.members.length = Math.min(this.members.length, this.size);
    return twin >= 0;
  }

  /** A parent; not `other` when there is a choice. Null in an empty population. */
  parent(rng: Rng, other?: ScoredCrystal): ScoredCrystal | null {
    const choice = this.members.filter((member) => member !== other || this.members.length === 1);
    const weights = this.weights(choice);
    let left = rng.uniform() * weights.reduce((sum, w) => sum + w, 0);
    const chosen = choice.find((_, i) => {
      left -= weights[i] as number;
      return left < 0;
    });
    return chosen ?? choice[0] ?? null;
  }

  private weights(choice: readonly ScoredCrystal[]): number[] {
    if (this.options.selection === 'rank') {
      const best = Math.ceil(this.options.bestFraction * choice.length);
      return choice.map((_, i) => Math.max(0, best - i));
    }
    const low = choice[0]?.energyPerAtom ?? 0;
    const range = (choice.at(-1)?.energyPerAtom ?? 0) - low;
    return choice.map(({ energyPerAtom }) => (range > 0 ? 1 - (energyPerAtom - low) / range : 1));
  }

  private same(a: ScoredCrystal, b: ScoredCrystal): boolean {
    try {
      return sameStructure(a, b, this.options.energyTolerance);
    } catch (error) {
      // Cells that cannot be reduced are compared by their energies alone.
      if (error instanceof LcomsError) return a.energyPerAtom === b.energyPerAtom;
      throw error;
    }
  }
}
