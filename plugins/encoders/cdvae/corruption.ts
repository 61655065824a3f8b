import { rowTimes } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { Vec3 } from '../../../schemas/crystal.js';
import type { PeriodicCell } from './graph.js';
import { freeNoise, removeMean } from './noise.js';
import type { PreparedCrystal } from './prepared-crystal.js';

/** Shortest of the periodic images of `vector` (Cartesian, A), written over it. */
function toNearestImage(vector: Float64Array, at: number, cell: PeriodicCell): void {
  const x = vector[at] as number;
  const y = vector[at + 1] as number;
  const z = vector[at + 2] as number;
  let best = x * x + y * y + z * z;
  const furthest = 4 * best;
  const { translations } = cell;
  for (let t = 0; t < translations.length; t += 3) {
    const tx = translations[t] as number;
    const ty = translations[t + 1] as number;
    const tz = translations[t + 2] as number;
    // One more than twice as long as the vector makes it longer, and longer ones follow.
    if (tx * tx + ty * ty + tz * tz > furthest) break;
    const dx = x + tx;
    const dy = y + ty;
    const dz = z + tz;
    const squared = dx * dx + dy * dy + dz * dz;
    if (squared < best - 1e-12) {
      best = squared;
      vector[at] = dx;
      vector[at + 1] = dy;
      vector[at + 2] = dz;
    }
  }
}

/** Noisy coordinates and what the score network should say there. */
export interface CorruptedCrystal {
  /** 3n. */
  frac: Float64Array;
  /** Displacement back to the nearest image of the clean crystal over the noise level, 3n: the score times the level. */
  target: Float64Array;
}

/** @param sigma standard deviation of the displacement along each axis, A */
export function corrupt(
  crystal: Pick<PreparedCrystal, 'n' | 'frac' | 'cell' | 'inverse'>,
  sigma: number,
  rng: Rng,
): CorruptedCrystal {
  const { n } = crystal;
  const noise = freeNoise(rng, n);
  const frac = new Float64Array(3 * n);
  const back = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const move = [0, 1, 2].map((k) => sigma * (noise[3 * i + k] as number)) as Vec3;
    const step = rowTimes(move, crystal.inverse);
    for (let k = 0; k < 3; k++) {
      frac[3 * i + k] = (crystal.frac[3 * i + k] as number) + (step[k] as number);
      back[3 * i + k] = -(move[k] as number);
    }
    toNearestImage(back, 3 * i, crystal.cell);
  }
  removeMean(back, n);
  return { frac, target: back.map((x) => x / sigma) };
}
