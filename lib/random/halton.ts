/** First primes: the bases of the dimensions. */
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73];

/** Dimensions that `halton` has. */
export const HALTON_DIMENSIONS = PRIMES.length;

/**
 * Point `index` (from 0) of the Halton sequence in [0, 1)^dimension, not scrambled: the digits of the index in base 2, 3,
 * 5, ... mirrored at the point. Halton, Numer. Math. 2, 84 (1960). Throws RangeError for more than 21 dimensions.
 */
export function halton(index: number, dimension: number): Float64Array {
  if (dimension > HALTON_DIMENSIONS) throw new RangeError(`at most ${HALTON_DIMENSIONS} dimensions, not ${dimension}`);
  return Float64Array.from({ length: dimension }, (_, j) => mirrored(index, PRIMES[j] as number));
}

function mirrored(index: number, base: number): number {
  let value = 0;
  let weight = 1 / base;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * weight;
    weight /= base;
  }
  return value;
}
