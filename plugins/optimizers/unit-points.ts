import type { Rng } from '../../lib/random/rng.js';

/** n x d uniform points of the unit cube; the first is `first`, when there is one. */
export function uniformPoints(rng: Rng, n: number, d: number, first: Float64Array | null = null): Float64Array {
  const points = Float64Array.from({ length: n * d }, () => rng.uniform());
  if (first && n > 0) points.set(first);
  return points;
}

/** Index of the least value, the first of equal ones; NaN is passed over. -1 when there is none. */
export function leastIndex(values: ArrayLike<number>): number {
  let least = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value) && (least < 0 || value < (values[least] as number))) least = i;
  }
  return least;
}
