import type { PreparedCrystal } from './dataset-artifact.js';
import type { Candidate } from './filter-crystals.js';

/** Crystals that are no minima, with targets: only a surrogate learns from them. */
export interface OffMinima {
  train: PreparedCrystal[];
  validation: PreparedCrystal[];
}

/** What the minima decide for the crystals beside them. */
export interface Minima {
  kept: readonly Candidate[];
  target: 'formation' | 'above-composition';
  forValidation: ReadonlySet<string>;
}

/** Energy of the lowest crystal of each formula, eV/atom. */
export function lowestOfFormulas(kept: readonly Candidate[]): Map<string, number> {
  const lowest = new Map<string, number>();
  for (const c of kept) lowest.set(c.formula, Math.min(c.energy, lowest.get(c.formula) ?? Number.POSITIVE_INFINITY));
  return lowest;
}

/** What a surrogate learns of each crystal, eV/atom, at most `clip` above the lowest minimum of its formula. */
export function targetsOf(
  crystals: readonly Candidate[],
  target: Minima['target'],
  lowest: ReadonlyMap<string, number>,
  clip: number,
): number[] {
  if (target !== 'above-composition') return crystals.map((c) => c.energy);
  return crystals.map((c) => Math.min(clip, c.energy - (lowest.get(c.formula) ?? 0)));
}

/**
 * Puts crystals off the minima where the minima of their formula are, with targets by the same rule. Left out and counted:
 * those of a formula without a minimum, which has no zero and no side of the split; and those further than `holeThreshold`
 * below its lowest minimum: a hole of the energy model, as no crystal near a minimum lies so far below it.
 */
export function placeOffMinima(
  crystals: readonly Candidate[],
  { kept, target, forValidation }: Minima,
  { clip, holeThreshold }: { clip: number; holeThreshold: number },
  count: (reason: string) => void,
): OffMinima {
  const lowest = lowestOfFormulas(kept);
  const usable = crystals.filter(({ formula, energy }) => {
    const zero = lowest.get(formula);
    if (zero !== undefined && energy >= zero - holeThreshold) return true;
    count(zero === undefined ? 'noMinimum' : 'holes');
    return false;
  });
  const targets = targetsOf(usable, target, lowest, clip);
  const off: OffMinima = { train: [], validation: [] };
  for (const [i, { crystal, formula }] of usable.entries())
    off[forValidation.has(formula) ? 'validation' : 'train'].push({ ...crystal, target: targets[i] as number });
  return off;
}
