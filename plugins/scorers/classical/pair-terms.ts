import type { HalfPairs } from '../../../lib/crystal/half-pairs.js';

/**
 * Energy of one pair: writes its energy (eV) to `out[0]` and (dE/dr)/r (eV/A^2) to `out[1]`.
 * @param square squared distance, A^2
 */
export type PairTerm = (first: number, second: number, square: number, out: Float64Array) => void;

/** Energy (eV), forces (3n, eV/A) and virial dE/dstrain (9, row-major, eV), added up term by term. */
export interface Totals {
  energy: number;
  forces: Float64Array;
  virial: Float64Array;
}

/** Adds the term of every pair within `cutoff` (A). Pairs come shortest first, so the sum ends at the cutoff. */
export function addPairs(pairs: HalfPairs, cutoff: number, term: PairTerm, totals: Totals): void {
  const { first, second, vectors, squares } = pairs;
  const { forces, virial } = totals;
  const limit = cutoff * cutoff;
  const out = new Float64Array(2);
  let energy = 0;
  for (let p = 0; p < pairs.count; p++) {
    const square = squares[p] as number;
    if (square >= limit) break;
    const i = first[p] as number;
    const j = second[p] as number;
    term(i, j, square, out);
    energy += out[0] as number;
    const slope = out[1] as number;
    for (let k = 0; k < 3; k++) {
      const x = vectors[3 * p + k] as number;
      const pull = slope * x;
      forces[3 * i + k] = (forces[3 * i + k] as number) - pull;
      forces[3 * j + k] = (forces[3 * j + k] as number) + pull;
      for (let l = 0; l < 3; l++)
        virial[3 * k + l] = (virial[3 * k + l] as number) + pull * (vectors[3 * p + l] as number);
    }
  }
  totals.energy += energy;
}

/**
 * A term that is let down to zero between `from` and `cutoff` (A), so that energy and forces are continuous there: times
 * f = (c^2 - r^2)^2 (c^2 + 2 r^2 - 3 o^2) / (c^2 - o^2)^3, the function of ASE's LennardJones(smooth=True).
 */
export function switched(term: PairTerm, from: number, cutoff: number): PairTerm {
  const [o, c] = [from * from, cutoff * cutoff];
  const scale = 1 / (c - o) ** 3;
  return (first, second, square, out) => {
    if (square >= c) {
      out.fill(0);
      return;
    }
    term(first, second, square, out);
    if (square <= o) return;
    const left = c - square;
    const factor = left * left * (c + 2 * square - 3 * o) * scale;
    // (df/dr)/r is twice df/d(r^2).
    const slope = 12 * left * (o - square) * scale;
    out[1] = (out[1] as number) * factor + (out[0] as number) * slope;
    out[0] = (out[0] as number) * factor;
  };
}
