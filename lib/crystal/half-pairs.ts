import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { GrowingFloat64, GrowingInt32 } from './growing-array.js';

/** Every pair of atoms within a cutoff once, shortest first: atoms i <= j and r_i - r_(image of j), A. */
export interface HalfPairs {
  count: number;
  first: Int32Array;
  second: Int32Array;
  /** 3 per pair. */
  vectors: Float64Array;
  /** Squared lengths, A^2. */
  squares: Float64Array;
}

/**
 * The lattice in lower-triangular form: rows a = (a1, 0, 0), b = (b1, b2, 0), c = (c1, c2, c3), the same metric. Image
 * ranges then follow one axis at a time, exactly, however skewed the cell is.
 */
function triangular(lattice: Mat3): { a1: number; b1: number; b2: number; c1: number; c2: number; c3: number } {
  const [a, b, c] = lattice;
  const dot = (u: readonly number[], v: readonly number[]) =>
    (u[0] as number) * (v[0] as number) + (u[1] as number) * (v[1] as number) + (u[2] as number) * (v[2] as number);
  const a1 = Math.sqrt(dot(a, a));
  const b1 = dot(a, b) / a1;
  const b2 = Math.sqrt(Math.max(0, dot(b, b) - b1 * b1));
  const c1 = dot(a, c) / a1;
  const c2 = (dot(b, c) - b1 * c1) / b2;
  const c3 = Math.sqrt(Math.max(0, dot(c, c) - c1 * c1 - c2 * c2));
  return { a1, b1, b2, c1, c2, c3 };
}

/**
 * Pairs of atoms nearer than `cutoff` (A), periodic images included. Sorted by length, ties in order of atoms and image,
 * so sums over them do not depend on how they were found.
 * @throws LcomsError LCOMS_E_CRYSTAL when two atoms are at the same place.
 */
export function halfPairs(crystal: Crystal, cutoff: number): HalfPairs {
  const n = crystal.frac.length;
  const [la, lb, lc] = crystal.lattice;
  const { a1, b1, b2, c1, c2, c3 } = triangular(crystal.lattice);
  const limit = cutoff * cutoff;
  const first = new GrowingInt32(n * 64);
  const second = new GrowingInt32(n * 64);
  const vectors = new GrowingFloat64(n * 192);
  const squares = new GrowingFloat64(n * 64);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const [fi, fj] = [crystal.frac[i] as Vec3, crystal.frac[j] as Vec3];
      const [da, db, dc] = [fi[0] - fj[0], fi[1] - fj[1], fi[2] - fj[2]];
      // r = (da - na) a + (db - nb) b + (dc - nc) c; an atom with its own images keeps one of each pair +-(na, nb, nc).
      const self = i === j;
      const lastC = Math.floor(dc + cutoff / c3);
      for (let nc = self ? 0 : Math.ceil(dc - cutoff / c3); nc <= lastC; nc++) {
        const wc = dc - nc;
        const leftB = limit - wc * wc * c3 * c3;
        if (leftB < 0) continue;
        const centreB = db + (wc * c2) / b2;
        const spanB = Math.sqrt(leftB) / b2;
        const lastB = Math.floor(centreB + spanB);
        for (let nb = self && nc === 0 ? 0 : Math.ceil(centreB - spanB); nb <= lastB; nb++) {
          const wb = db - nb;
          const y = wb * b2 + wc * c2;
          const leftA = leftB - y * y;
          if (leftA < 0) continue;
          const centreA = da + (wb * b1 + wc * c1) / a1;
          const spanA = Math.sqrt(leftA) / a1;
          const lastA = Math.floor(centreA + spanA);
          for (let na = self && nc === 0 && nb === 0 ? 1 : Math.ceil(centreA - spanA); na <= lastA; na++) {
            const wa = da - na;
            const x = wa * la[0] + wb * lb[0] + wc * lc[0];
            const v = wa * la[1] + wb * lb[1] + wc * lc[1];
            const w = wa * la[2] + wb * lb[2] + wc * lc[2];
            const square = x * x + v * v + w * w;
            if (square >= limit) continue;
            if (square < 1e-8)
              throw new LcomsError('LCOMS_E_CRYSTAL', `Atoms ${i + 1} and ${j + 1} are at the same place.`);
            first.push(i);
            second.push(j);
            vectors.push(x);
            vectors.push(v);
            vectors.push(w);
            squares.push(square);
          }
        }
      }
    }
  }
  return sorted(first.view(), second.view(), vectors.view(), squares.view());
}

function sorted(first: Int32Array, second: Int32Array, vectors: Float64Array, squares: Float64Array): HalfPairs {
  const count = first.length;
  const order = Int32Array.from(first, (_, p) => p).sort(
    (p, q) => (squares[p] as number) - (squares[q] as number) || p - q,
  );
  const out: HalfPairs = {
    count,
    first: new Int32Array(count),
    second: new Int32Array(count),
    vectors: new Float64Array(3 * count),
    squares: new Float64Array(count),
  };
  for (let at = 0; at < count; at++) {
    const p = order[at] as number;
    out.first[at] = first[p] as number;
    out.second[at] = second[p] as number;
    out.squares[at] = squares[p] as number;
    for (let k = 0; k < 3; k++) out.vectors[3 * at + k] = vectors[3 * p + k] as number;
  }
  return out;
}
