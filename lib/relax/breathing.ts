import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { volume } from '../crystal/lattice.js';
import { minimumDistanceRatio } from '../crystal/neighbours.js';
import type { EvaluateMany } from '../scoring/evaluation.js';
import { withVolume } from './cell-coordinates.js';
import { MIN_DISTANCE_RATIO } from './random-start.js';

/** Volumes that are tried, in units of the given one: covalent radii are off by as much from metals to salts. */
const FACTORS = [0.5, 0.65, 0.8, 1, 1.25, 1.5];

/**
 * Each crystal at that of a few volumes at which its energy is lowest. A wrong density costs a relaxation more steps than
 * these evaluations. Volumes at which atoms would come nearer than random crystals may (0.72 of their covalent radii) are left
 * out, for a scorer's energy means nothing there.
 */
export async function breathed(evaluate: EvaluateMany, crystals: readonly Crystal[]): Promise<Crystal[]> {
  const choices = crystals.map((crystal) => {
    const given = volume(crystal.lattice);
    const scaled = FACTORS.map((factor) => withVolume(crystal, factor * given));
    const roomy = scaled.filter((c) => minimumDistanceRatio(c) >= MIN_DISTANCE_RATIO);
    return roomy.length > 0 ? roomy : [crystal];
  });
  const evaluations = await evaluate(choices.flat());
  let at = 0;
  return choices.map((scaled, i) => {
    let best: { crystal: Crystal; energy: number } | null = null;
    for (const crystal of scaled) {
      const evaluation = evaluations[at++];
      if (evaluation === undefined || evaluation instanceof LcomsError || !Number.isFinite(evaluation.energy)) continue;
      if (best === null || evaluation.energy < best.energy) best = { crystal, energy: evaluation.energy };
    }
    return best?.crystal ?? (crystals[i] as Crystal);
  });
}
