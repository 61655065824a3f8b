import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Rng } from '../random/rng.js';
import { minimumGuard } from '../scoring/guards.js';
import { randomCrystal } from './random-start.js';
import type { Relaxation } from './relax.js';

/** A relaxed random crystal, and how many random crystals it took. */
export interface StableStart {
  relaxation: Relaxation;
  draws: number;
}

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
  draw: (species: readonly string[], rng: Rng) => Crystal = randomCrystal,
): Promise<StableStart | string> {
  let last = '';
  for (let k = 0; k <= redraws; k++) {
    const relaxation = await relaxOne(draw(species, rng.fork(k)));
    if (relaxation instanceof LcomsError) {
      last = relaxation.message;
      continue;
    }
    const { ok, reasons } = minimumGuard(relaxation);
    if (ok) return { relaxation, draws: k + 1 };
    last = reasons.join('; ');
  }
  return last;
}
