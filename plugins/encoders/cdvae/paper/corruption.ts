import { nearestImage } from '../../../../lib/crystal/displacement.js';
import { rowTimes } from '../../../../lib/crystal/lattice.js';
import type { Rng } from '../../../../lib/random/rng.js';
import type { Vec3 } from '../../../../schemas/crystal.js';
import type { PaperCrystal } from './prepared-crystal.js';

const ORIGIN: Vec3 = [0, 0, 0];

/**
 * Noisy coordinates and what the score network should say there, as in Eq. 4 of Xie et al. 2021: plain normal noise on
 * every atom, and the way back to the nearest image of where the atom was, over the noise level (the score times it).
 *
 * @param sigma standard deviation of the noise along each axis, A; may be far larger than the cell
 * @returns 3n fractional coordinates, 3n Cartesian targets
 */
export function corruptFreely(
  crystal: Pick<PaperCrystal, 'n' | 'lattice' | 'inverse' | 'frac'>,
  sigma: number,
  rng: Rng,
): { frac: Float64Array; target: Float64Array } {
  const { n } = crystal;
  const noise = new Float64Array(3 * n);
  rng.fillNormal(noise);
  const shortest = nearestImage(crystal.lattice);
  const frac = new Float64Array(3 * n);
  const target = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const move = [0, 1, 2].map((k) => sigma * (noise[3 * i + k] as number)) as Vec3;
    const step = rowTimes(move, crystal.inverse);
    const back = shortest(step, ORIGIN);
    for (let k = 0; k < 3; k++) {
      frac[3 * i + k] = (crystal.frac[3 * i + k] as number) + (step[k] as number);
      target[3 * i + k] = (back[k] as number) / sigma;
    }
  }
  return { frac, target };
}
