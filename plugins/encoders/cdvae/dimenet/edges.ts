import { neighbourList } from '../../../../lib/crystal/neighbours.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import type { DimenetOptions } from './options.js';

/**
 * Directed edges j -> i of a crystal, i the receiver: from every neighbour of every atom, periodic images included. Rows
 * are ordered by receiver, then distance.
 */
export interface Edges {
  atoms: number;
  count: number;
  /** atoms + 1: edges of receiver i are first[i] to first[i + 1] - 1. */
  first: Int32Array;
  /** count: the atom i. */
  receiver: Int32Array;
  /** count: the atom j. */
  sender: Int32Array;
  /** 3 count: whole lattice translations added to j. */
  image: Int32Array;
  /** 3 count, A: from i to that image of j. */
  vector: Float64Array;
  /** count, A. */
  distance: Float64Array;
}

/**
 * Edges to the nearest neighbours within the cutoff, as many as make whole shells of equal distance and are not more than
 * `neighbours`. A shell that would have to be cut is left out: which of its atoms stay would depend on the order of atoms,
 * the choice of cell, and rounding (rocksalt: 18 neighbours, not 20 of 26).
 */
export function crystalEdges(
  crystal: Crystal,
  options: Pick<DimenetOptions, 'cutoff' | 'neighbours' | 'shellTolerance'>,
): Edges {
  const { cutoff, neighbours, shellTolerance } = options;
  const all = neighbourList(crystal, cutoff);
  const atoms = crystal.species.length;
  const first = new Int32Array(atoms + 1);
  const kept: number[] = [];
  for (let i = 0, p = 0; i < atoms; i++) {
    const start = p;
    while (p < all.count && all.source[p] === i) p++;
    const count = wholeShells(all.distance.subarray(start, p), neighbours, shellTolerance);
    for (let k = 0; k < count; k++) kept.push(start + k);
    first[i + 1] = kept.length;
  }
  const triples = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
    kept.forEach((p, e) => {
      to.set(from.subarray(3 * p, 3 * p + 3), 3 * e);
    });
    return to;
  };
  return {
    atoms,
    count: kept.length,
    first,
    receiver: Int32Array.from(kept, (p) => all.source[p] as number),
    sender: Int32Array.from(kept, (p) => all.target[p] as number),
    image: triples(all.image, new Int32Array(3 * kept.length)),
    vector: triples(all.vector, new Float64Array(3 * kept.length)),
    distance: Float64Array.from(kept, (p) => all.distance[p] as number),
  };
}

/** How many of the rising distances make whole shells, at most `limit`; a first shell that is larger gets cut. */
function wholeShells(distances: Float64Array, limit: number, tolerance: number): number {
  if (distances.length <= limit) return distances.length;
  for (let count = limit; count > 0; count--)
    if ((distances[count] as number) - (distances[count - 1] as number) > tolerance) return count;
  return limit;
}
