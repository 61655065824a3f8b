/** Degree s, coefficients a and first direction numbers m of dimensions 2 to 21: Joe and Kuo, new-joe-kuo-6.21201. */
const JOE_KUO: readonly (readonly [s: number, a: number, m: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
  [6, 19, [1, 1, 1, 15, 7, 5]],
  [6, 22, [1, 3, 1, 15, 13, 25]],
  [6, 25, [1, 1, 5, 5, 19, 61]],
  [7, 1, [1, 3, 7, 11, 23, 15, 103]],
  [7, 4, [1, 3, 7, 13, 13, 15, 69]],
];

/** Dimensions that `sobol` has. */
export const SOBOL_DIMENSIONS = JOE_KUO.length + 1;

/** Bits of a coordinate: 2^30 points at most. */
const BITS = 30;

/**
 * Point `index` (from 0) of the Sobol sequence in [0, 1)^dimension in Gray-code order, not scrambled, as of
 * scipy.stats.qmc. Direction numbers: Joe and Kuo, SIAM J. Sci. Comput. 30, 2635 (2008). Throws RangeError for more than
 * 21 dimensions.
 */
export function sobol(index: number, dimension: number): Float64Array {
  if (dimension > SOBOL_DIMENSIONS) throw new RangeError(`at most ${SOBOL_DIMENSIONS} dimensions, not ${dimension}`);
  const gray = index ^ (index >>> 1);
  return Float64Array.from({ length: dimension }, (_, j) => {
    const v = directions(j);
    let bits = 0;
    for (let k = 0; k < BITS; k++) if ((gray >>> k) & 1) bits ^= v[k] as number;
    return bits / 2 ** BITS;
  });
}

const known = new Map<number, readonly number[]>();

/** Direction numbers of a dimension, as whole numbers of BITS bits. */
function directions(j: number): readonly number[] {
  const before = known.get(j);
  if (before) return before;
  const v: number[] = [];
  if (j === 0) for (let k = 0; k < BITS; k++) v.push(2 ** (BITS - 1 - k));
  else {
    const [s, a, m] = JOE_KUO[j - 1] as (typeof JOE_KUO)[number];
    for (let k = 0; k < BITS; k++) {
      if (k < s) v.push((m[k] as number) * 2 ** (BITS - 1 - k));
      else {
        let next = (v[k - s] as number) ^ ((v[k - s] as number) >>> s);
        for (let i = 1; i < s; i++) if ((a >>> (s - 1 - i)) & 1) next ^= v[k - i] as number;
        v.push(next);
      }
    }
  }
  known.set(j, v);
  return v;
}
