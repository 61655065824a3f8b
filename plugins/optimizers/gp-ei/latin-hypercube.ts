import type { Rng } from '../../../lib/random/rng.js';

/**
 * n points of the unit cube of which every dimension has one in each of its n parts (McKay, Beckman, Conover 1979);
 * with `first`, the first of the n is that.
 */
export function latinHypercube(rng: Rng, n: number, d: number, first: Float64Array | null): Float64Array {
  const points = new Float64Array(n * d);
  const parts = Array.from({ length: n }, (_, i) => i);
  for (let j = 0; j < d; j++) {
    rng.shuffle(parts).forEach((part, i) => {
      points[i * d + j] = (part + rng.uniform()) / n;
    });
  }
  if (first && n > 0) points.set(first);
  return points;
}
