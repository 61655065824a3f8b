import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Rng } from '../random/rng.js';
import { minimumGuard, solidGuard } from '../scoring/guards.js';
import { randomCrystal } from './random-start.js';
import type { Relaxation } from './relax.js';

/** A start, and how many crystals were drawn for it. */
export interface Start {
  crystal: Crystal;
  draws: number;
}

type Draw = (species: readonly string[], rng: Rng) => Crystal;

/**
 * The paper's random stable start: the atoms in a random cell, relaxed to the nearest local minimum. A draw that does not
 * converge or trips a guard is drawn anew, up to `redraws` times; draw k depends on `rng.fork(k)` alone.
 * @param draw makes a crystal of the atoms; by default one without any symmetry
 * @returns the start, or in words why the last draw was no good
 */
export async function stableStart(
  relaxOne: (crystal: Crystal) => Promise<Relaxation | LcomsError>,
  species: readonly string[],
  rng: Rng,
  redraws: number,
  draw: Draw = randomCrystal,
): Promise<Start | string> {
  let last = '';
  for (let k = 0; k <= redraws; k++) {
    const relaxation = await relaxOne(draw(species, rng.fork(k)));
    if (relaxation instanceof LcomsError) {
      last = relaxation.message;
      continue;
    }
    const { ok, reasons } = minimumGuard(relaxation);
    if (ok) return { crystal: relaxation.crystal, draws: k + 1 };
    last = reasons.join('; ');
  }
  return last;
}

/** The same without relaxing: the first draw without overlaps that has the density of a solid. */
export function solidStart(species: readonly string[], rng: Rng, redraws: number, draw: Draw): Start | string {
  let last = '';
  for (let k = 0; k <= redraws; k++) {
    const crystal = draw(species, rng.fork(k));
    const { ok, reasons } = solidGuard(crystal);
    if (ok) return { crystal, draws: k + 1 };
    last = reasons.join('; ');
  }
  return last;
}
