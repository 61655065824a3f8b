import type { Crystal, Vec3 } from '../../schemas/crystal.js';
import { inverse, rowTimes } from '../crystal/lattice.js';
import type { Rng } from '../random/rng.js';

/**
 * The crystal with every atom moved by a normal deviate of `amplitude` (A, standard deviation along each axis). A
 * relaxation that starts on a saddle of perfect symmetry then leaves it.
 */
export function rattled(crystal: Crystal, amplitude: number, rng: Rng): Crystal {
  const toFrac = inverse(crystal.lattice);
  const frac = crystal.frac.map((f): Vec3 => {
    const d = rowTimes([rng.normal() * amplitude, rng.normal() * amplitude, rng.normal() * amplitude], toFrac);
    return [f[0] + d[0], f[1] + d[1], f[2] + d[2]];
  });
  return { ...crystal, frac };
}
