import type { Crystal } from '../../schemas/crystal.js';
import { covalentRadius } from './element-data.js';
import { inverse, volume } from './lattice.js';
import { type NeighbourList, neighbourListFlat } from './pair-search.js';

export { type NeighbourList, neighbourListFlat } from './pair-search.js';

/**
 * All ordered pairs of atoms within `cutoff` (A, inclusive), periodic images included, sorted by source, distance,
 * target and image. `image` counts from the coordinates as given, wrapped or not.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume.
 */
export function neighbourList(c: Crystal, cutoff: number): NeighbourList {
  return neighbourListFlat(Float64Array.from(c.lattice.flat()), Float64Array.from(c.frac.flat()), cutoff);
}

/** As `neighbourList`, but at most the `k` nearest of each source. Ties at rank k go to the lower target and image. */
export function nearestNeighbours(c: Crystal, cutoff: number, k: number): NeighbourList {
  return truncate(neighbourList(c, cutoff), k);
}

/** The first `k` pairs of each source. */
export function truncate(list: NeighbourList, k: number): NeighbourList {
  const keep: number[] = [];
  for (let p = 0, rank = 0; p < list.count; p++) {
    rank = p > 0 && list.source[p] === list.source[p - 1] ? rank + 1 : 0;
    if (rank < k) keep.push(p);
  }
  const triple = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
    for (let p = 0; p < keep.length; p++) {
      const q = 3 * (keep[p] as number);
      to.set(from.subarray(q, q + 3), 3 * p);
    }
    return to;
  };
  return {
    count: keep.length,
    source: Int32Array.from(keep, (p) => list.source[p] as number),
    target: Int32Array.from(keep, (p) => list.target[p] as number),
    image: triple(list.image, new Int32Array(3 * keep.length)),
    vector: triple(list.vector, new Float64Array(3 * keep.length)),
    distance: Float64Array.from(keep, (p) => list.distance[p] as number),
  };
}

/**
 * The densest packing of n equal spheres fills pi/sqrt(18) of space, so no crystal has a smallest distance above
 * (sqrt(2) V/n)^(1/3): a cutoff that always finds a pair.
 */
function packingDistance(c: Crystal): number {
  inverse(c.lattice);
  return Math.cbrt((Math.SQRT2 * volume(c.lattice)) / c.frac.length) * (1 + 1e-9);
}

/** Smallest distance between two atoms, an atom and its own image included, A. */
export function minimumDistance(c: Crystal): number {
  return neighbourList(c, packingDistance(c)).distance.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function smallestRatio(list: NeighbourList, radii: Float64Array): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let p = 0; p < list.count; p++) {
    const sum = (radii[list.source[p] as number] as number) + (radii[list.target[p] as number] as number);
    smallest = Math.min(smallest, (list.distance[p] as number) / sum);
  }
  return smallest;
}

/**
 * Smallest d_ij / (r_i + r_j) over all pairs, covalent radii (Cordero): about 1 in covalent crystals, under 0.5 when
 * atoms overlap.
 *
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN for an element without a covalent radius.
 */
export function minimumDistanceRatio(c: Crystal): number {
  const radii = Float64Array.from(c.species, covalentRadius);
  const cutoff = packingDistance(c);
  const found = smallestRatio(neighbourList(c, cutoff), radii);
  // A pair of larger atoms may lie further apart and still have the smaller ratio.
  const reach = found * 2 * radii.reduce((a, b) => Math.max(a, b), 0) * (1 + 1e-9);
  return reach <= cutoff ? found : smallestRatio(neighbourList(c, reach), radii);
}
