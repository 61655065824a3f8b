import { type NeighbourList, neighbourListFlat } from '../../../../lib/crystal/pair-search.js';
import type { Mat3 } from '../../../../schemas/crystal.js';
import type { GemNetOptions } from './options.js';

/** Directed edges of one crystal, sorted by target atom. Every edge has its reverse. */
export interface CrystalEdges {
  /** Atoms. */
  n: number;
  /** Edges. */
  count: number;
  /** count: the atom that sends. */
  source: Int32Array;
  /** count, rising: the atom that receives. */
  target: Int32Array;
  /** count: which edge runs the other way. */
  reverse: Int32Array;
  /** count, A. */
  distance: Float64Array;
  /** 3 count: unit vector from source to target; zero where two atoms lie on one spot. */
  direction: Float64Array;
}

/** Neighbours this much farther than the last one of the count (A) are of the same shell. */
const SHELL = 1e-3;

/** Distance of each atom's last neighbour, its shell included; the cutoff where there are too few. */
function reaches(list: NeighbourList, n: number, neighbours: number, cutoff: number): Float64Array {
  const reach = new Float64Array(n).fill(cutoff);
  for (let p = 0, rank = 0; p < list.count; p++) {
    rank = p > 0 && list.source[p] === list.source[p - 1] ? rank + 1 : 1;
    if (rank === neighbours) reach[list.source[p] as number] = Math.min(cutoff, (list.distance[p] as number) + SHELL);
  }
  return reach;
}

/**
 * Two atoms (or images) within the cutoff are joined, in both directions, when either is among the `neighbours` nearest
 * of the other; neighbours at equal distance come in together.
 *
 * CDVAE, as all code of that descent, takes exactly k neighbours and keeps the half of the pairs whose source has the
 * lower index: what it sees depends on the order of the atoms, and on rounding where symmetry makes distances equal.
 *
 * @param lattice rows, A
 * @param frac 3n fractional coordinates, any real numbers
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume
 */
export function crystalEdges(
  lattice: Mat3,
  frac: Float64Array,
  { cutoff, neighbours }: Pick<GemNetOptions, 'cutoff' | 'neighbours'>,
): CrystalEdges {
  const n = frac.length / 3;
  const [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = lattice;
  const flat = Float64Array.of(ax, ay, az, bx, by, bz, cx, cy, cz);
  const volume = Math.abs(ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx));
  // The sphere of the cutoff may hold several times the neighbours that are wanted: look nearby first.
  let radius = Math.min(cutoff, Math.cbrt((1.6 * neighbours * 3 * volume) / (4 * Math.PI * n)) || cutoff);
  for (;;) {
    const list = neighbourListFlat(flat, frac, radius);
    const reach = reaches(list, n, neighbours, cutoff);
    const farthest = reach.reduce((a, b) => Math.max(a, b), 0);
    if (farthest <= radius) return joined(list, reach, n);
    radius = Math.min(cutoff, 1.3 * radius);
  }
}

function joined(list: NeighbourList, reach: Float64Array, n: number): CrystalEdges {
  const kept: number[] = [];
  for (let p = 0; p < list.count; p++) {
    const [i, j] = [list.source[p] as number, list.target[p] as number];
    if ((list.distance[p] as number) <= Math.max(reach[i] as number, reach[j] as number)) kept.push(p);
  }
  const starts = new Int32Array(n + 1);
  for (const p of kept) {
    const after = (list.source[p] as number) + 1;
    starts[after] = (starts[after] as number) + 1;
  }
  for (let i = 0; i < n; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);

  const count = kept.length;
  const direction = new Float64Array(3 * count);
  kept.forEach((p, e) => {
    const distance = list.distance[p] as number;
    // The list's vectors run from the centre outwards; edges run to the centre.
    if (distance > 1e-9)
      for (let k = 0; k < 3; k++) direction[3 * e + k] = -(list.vector[3 * p + k] as number) / distance;
  });
  const isReverse = (p: number, q: number): boolean =>
    list.target[q] === list.source[p] &&
    list.image[3 * q] === -(list.image[3 * p] as number) &&
    list.image[3 * q + 1] === -(list.image[3 * p + 1] as number) &&
    list.image[3 * q + 2] === -(list.image[3 * p + 2] as number);
  const reverse = Int32Array.from(kept, (p) => {
    let e = starts[list.target[p] as number] as number;
    while (!isReverse(p, kept[e] as number)) e++;
    return e;
  });
  return {
    n,
    count,
    source: Int32Array.from(kept, (p) => list.target[p] as number),
    target: Int32Array.from(kept, (p) => list.source[p] as number),
    reverse,
    distance: Float64Array.from(kept, (p) => list.distance[p] as number),
    direction,
  };
}
