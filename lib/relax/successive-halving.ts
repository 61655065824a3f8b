import type { RelaxationStep } from './relax.js';

/** After `step` steps, crystals more than `margin` (eV/atom) above the reference are given up. */
export interface Rung {
  step: number;
  margin: number;
}

/**
 * Rungs at which few winners are lost: docs/predict.md says how many, and how that was measured. The margins shrink,
 * since a relaxation has less left to gain the longer it has gone on. Steps are those of L-BFGS.
 */
export const RUNGS: readonly Rung[] = [
  { step: 5, margin: 0.8 },
  { step: 10, margin: 0.4 },
  { step: 20, margin: 0.2 },
  { step: 40, margin: 0.1 },
];

/** eV/atom below the median of what was relaxed before: no polymorph, but a hole of the scorer. */
const HOLE = 1;
/** Relaxed crystals from which on their median tells. */
const ENOUGH = 3;

/**
 * Decides which of several relaxations of one composition are hopeless, for the `stop` of relaxMany. The reference is the
 * second lowest of all energies at hand, not the lowest, and nothing far below what was relaxed before: crystals that have
 * fallen into a hole of the scorer must not stop the others.
 */
export class SuccessiveHalving {
  /**
   * @param known energies (eV/atom) of what was relaxed before, one a relaxation: two that ended in one structure make it
   *   the reference
   */
  constructor(
    private readonly known: readonly number[] = [],
    private readonly rungs: readonly Rung[] = RUNGS,
  ) {}

  /** Indices of the crystals to give up; none between rungs. */
  hopeless(moving: readonly RelaxationStep[]): ReadonlySet<number> {
    const stopped = new Set<number>();
    const rung = this.rungs.find(({ step }) => step === moving[0]?.step);
    if (rung === undefined) return stopped;
    const sorted = [...this.known].sort((a, b) => a - b);
    const median = sorted.length < ENOUGH ? Number.NEGATIVE_INFINITY : (sorted[sorted.length >> 1] as number);
    const energies = [...sorted, ...moving.map(({ energyPerAtom }) => energyPerAtom)]
      .filter((energy) => energy >= median - HOLE)
      .sort((a, b) => a - b);
    const reference = energies[1] ?? Number.POSITIVE_INFINITY;
    for (const { index, energyPerAtom } of moving) if (energyPerAtom > reference + rung.margin) stopped.add(index);
    return stopped;
  }
}
