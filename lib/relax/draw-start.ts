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

/** What becomes of a crystal that is drawn: the start, or in words why it is none. */
export type Settle = (crystal: Crystal) => Promise<Crystal | string> | Crystal | string;

/** It is relaxed to the nearest local minimum. */
export function settled(relaxOne: (crystal: Crystal) => Promise<Relaxation | LcomsError>): Settle {
  return async (drawn) => {
    const relaxation = await relaxOne(drawn);
    if (relaxation instanceof LcomsError) return relaxation.message;
    const { ok, reasons } = minimumGuard(relaxation);
    return ok ? relaxation.crystal : reasons.join('; ');
  };
}

/** It is taken as it is. */
export const asDrawn: Settle = (drawn) => {
  const { ok, reasons } = solidGuard(drawn);
  return ok ? drawn : reasons.join('; ');
};

/**
 * A start, as the paper's random stable one: a crystal is drawn anew, up to `redraws` times, while it comes to nothing; draw k
 * depends on `rng.fork(k)` alone.
 * @param draw makes a crystal of the atoms; by default one without any symmetry
 * @returns the start, or in words why the last draw was no good
 */
export async function drawStart(
  settle: Settle,
  species: readonly string[],
  rng: Rng,
  redraws: number,
  draw: Draw = randomCrystal,
): Promise<Start | string> {
  let last = '';
  for (let k = 0; k <= redraws; k++) {
    const found = await settle(draw(species, rng.fork(k)));
    if (typeof found !== 'string') return { crystal: found, draws: k + 1 };
    last = found;
  }
  return last;
}
