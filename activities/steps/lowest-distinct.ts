import { sameStructure } from '../../lib/crystal/same-structure.js';
import { solidGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext } from './context.js';

/** Crystals that are scored between two signs of life. */
const TOGETHER = 32;

/** eV/atom: crystals as decoded that differ by more are two, even if they look alike. */
const SAME_ENERGY = 0.01;

export interface Scored {
  crystal: Crystal;
  /** eV/atom. */
  energyPerAtom: number;
  /** Place among the given ones. */
  index: number;
}

/**
 * The sane crystals of lowest energy as they are, no two alike, the lowest first: what is worth relaxing of many that cost little
 * each.
 * @returns at most `count`; fewer where fewer are sane and different
 */
export async function lowestDistinct(
  context: StepContext,
  scorer: Scorer,
  crystals: readonly Crystal[],
  count: number,
): Promise<Scored[]> {
  const scored = await scoredSane(scorer, crystals, alive(context));
  scored.sort((a, b) => a.energyPerAtom - b.energyPerAtom || a.index - b.index);
  const chosen: Scored[] = [];
  for (const one of scored) {
    if (chosen.length === count) break;
    if (!chosen.some((other) => sameStructure(one, other, SAME_ENERGY))) chosen.push(one);
  }
  return chosen;
}

/**
 * Those without overlaps that have the density of a solid, and that the scorer can evaluate, in their order.
 * @param onBatch called with how many are scored, of how many
 */
export async function scoredSane(
  scorer: Scorer,
  crystals: readonly Crystal[],
  onBatch: (done: number, total: number) => void = () => undefined,
): Promise<Scored[]> {
  const sane = crystals.map((crystal, index) => ({ crystal, index })).filter(({ crystal }) => solidGuard(crystal).ok);
  const scored: Scored[] = [];
  for (let at = 0; at < sane.length; at += TOGETHER) {
    const some = sane.slice(at, at + TOGETHER);
    const evaluations = await scorer.evaluate(some.map(({ crystal }) => crystal));
    for (const [i, one] of some.entries()) {
      const evaluation = evaluations[i];
      if (!evaluation || evaluation instanceof LcomsError || !Number.isFinite(evaluation.energy)) continue;
      scored.push({ ...one, energyPerAtom: evaluation.energy / one.crystal.species.length });
    }
    onBatch(at + some.length, sane.length);
  }
  return scored;
}

/** The first of those of lowest energy; null of none. */
export function lowestOf(scored: readonly Scored[]): Scored | null {
  return scored.reduce<Scored | null>(
    (low, one) => (low === null || one.energyPerAtom < low.energyPerAtom ? one : low),
    null,
  );
}

/** For steps: a sign of life after each batch, and an end when the node is to end. */
export const alive =
  ({ signal, tick }: StepContext) =>
  (done: number, total: number): void => {
    tick({ done, total, unit: 'structures' });
    signal.throwIfAborted();
  };
