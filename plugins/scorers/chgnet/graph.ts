import { type HalfPairs, halfPairs } from '../../../lib/crystal/half-pairs.js';
import { volume as volumeOf } from '../../../lib/crystal/lattice.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { atomicNumber } from '../../../schemas/elements.js';
import { LcomsError } from '../../../schemas/errors.js';

/** CHGNet's cutoffs, A: the atom graph's edges and the bonds whose angles make the bond graph. */
export const ATOM_CUTOFF = 6;
export const BOND_CUTOFF = 3;

/** Cells denser than this (A^3/atom) are refused: no solid is, and their angles would fill the memory. */
export const MIN_VOLUME_PER_ATOM = 2;

/**
 * CHGNet's two graphs for one crystal of n atoms, U undirected edges and A ordered pairs of bonds that share an atom.
 * Directed edges 2u and 2u + 1 are the two directions of undirected edge u.
 */
export interface CrystalGraph {
  atoms: number;
  /** A^3. */
  volume: number;
  /** n atomic numbers. */
  numbers: Int32Array;
  /** 2U: first and second atom of a directed edge. */
  source: Int32Array;
  target: Int32Array;
  /** 6U: r(source) - r(image of target), A. */
  vectors: Float64Array;
  /** A: the shared atom, and the two directed edges that leave it. */
  angleAtom: Int32Array;
  angleFirst: Int32Array;
  angleSecond: Int32Array;
}

/**
 * Builds the graphs that CHGNet reads.
 * @throws LcomsError LCOMS_E_CRYSTAL for values that are not finite, a cell denser than MIN_VOLUME_PER_ATOM, or two
 * atoms at the same place.
 */
export function buildGraph(crystal: Crystal): CrystalGraph {
  const n = crystal.species.length;
  const volume = volumeOf(crystal.lattice);
  if (!(volume >= MIN_VOLUME_PER_ATOM * n) || !Number.isFinite(volume)) {
    throw new LcomsError(
      'LCOMS_E_CRYSTAL',
      `A cell of ${volume.toPrecision(3)} A^3 for ${n} atoms can't be scored: at least ${MIN_VOLUME_PER_ATOM} A^3/atom is needed.`,
    );
  }
  if (!crystal.frac.every((f) => f.every(Number.isFinite))) {
    throw new LcomsError('LCOMS_E_CRYSTAL', 'A fractional coordinate is not finite.');
  }
  const pairs = halfPairs(crystal, ATOM_CUTOFF);
  const source = new Int32Array(2 * pairs.count);
  const target = new Int32Array(2 * pairs.count);
  const vectors = new Float64Array(6 * pairs.count);
  for (let u = 0; u < pairs.count; u++) {
    const [i, j] = [pairs.first[u] as number, pairs.second[u] as number];
    source[2 * u] = i;
    target[2 * u] = j;
    source[2 * u + 1] = j;
    target[2 * u + 1] = i;
    for (let k = 0; k < 3; k++) {
      const x = pairs.vectors[3 * u + k] as number;
      vectors[6 * u + k] = x;
      vectors[6 * u + 3 + k] = -x;
    }
  }
  const numbers = Int32Array.from(crystal.species, (s) => atomicNumber(s) ?? 0);
  return { atoms: n, volume, numbers, source, target, vectors, ...angles(n, pairs, source) };
}

/** Ordered pairs of different directed edges that leave the same atom and are bonds. */
function angles(
  n: number,
  pairs: HalfPairs,
  source: Int32Array,
): Pick<CrystalGraph, 'angleAtom' | 'angleFirst' | 'angleSecond'> {
  // Pairs are sorted by length: the bonds come first.
  let bonds = 0;
  while (bonds < pairs.count && (pairs.squares[bonds] as number) <= BOND_CUTOFF * BOND_CUTOFF) bonds++;
  const start = new Int32Array(n + 1);
  for (let e = 0; e < 2 * bonds; e++) {
    const next = (source[e] as number) + 1;
    start[next] = (start[next] as number) + 1;
  }
  let total = 0;
  for (let i = 0; i < n; i++) {
    const count = start[i + 1] as number;
    total += count * (count - 1);
    start[i + 1] = (start[i] as number) + count;
  }
  const leaving = new Int32Array(2 * bonds);
  const fill = start.slice(0, n);
  for (let e = 0; e < 2 * bonds; e++) {
    const i = source[e] as number;
    const at = fill[i] as number;
    leaving[at] = e;
    fill[i] = at + 1;
  }
  const angleAtom = new Int32Array(total);
  const angleFirst = new Int32Array(total);
  const angleSecond = new Int32Array(total);
  let at = 0;
  for (let i = 0; i < n; i++) {
    const end = start[i + 1] as number;
    for (let p = start[i] as number; p < end; p++) {
      for (let q = start[i] as number; q < end; q++) {
        if (p === q) continue;
        angleAtom[at] = i;
        angleFirst[at] = leaving[p] as number;
        angleSecond[at] = leaving[q] as number;
        at++;
      }
    }
  }
  return { angleAtom, angleFirst, angleSecond };
}
