import { LcomsError } from '../../schemas/errors.js';

/** Ordered pairs of atoms, `count` of them, flat. */
export interface NeighbourList {
  count: number;
  /** count: index of the atom at the centre. */
  source: Int32Array;
  /** count: index of its neighbour. */
  target: Int32Array;
  /** 3 count: whole lattice translations added to the target. */
  image: Int32Array;
  /** 3 count, A: from the source to that image of the target. */
  vector: Float64Array;
  /** count, A. */
  distance: Float64Array;
}

/** Half of the pairs (i <= j, each once), kept between calls: this runs at every step of a relaxation. */
let capacity = 4096;
let ends = new Int32Array(2 * capacity);
let images = new Int32Array(3 * capacity);
let vectors = new Float64Array(3 * capacity);
let distances = new Float64Array(capacity);

function grow(): void {
  capacity *= 2;
  const copy = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
    to.set(from);
    return to;
  };
  ends = copy(ends, new Int32Array(2 * capacity));
  images = copy(images, new Int32Array(3 * capacity));
  vectors = copy(vectors, new Float64Array(3 * capacity));
  distances = copy(distances, new Float64Array(capacity));
}

/** Fills the scratch arrays; returns how many half pairs there are. */
function collectHalf(l: Float64Array, frac: Float64Array, cutoff: number): number {
  const [ax = 0, ay = 0, az = 0, bx = 0, by = 0, bz = 0, cx = 0, cy = 0, cz = 0] = l;
  const det = ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx);
  if (!(Math.abs(det) > 0) || !Number.isFinite(det)) {
    throw new LcomsError('LCOMS_E_CRYSTAL', `the lattice [${Array.from(l).join(', ')}] has no volume`);
  }
  // Cutoff over the spacing of lattice planes: the reach along each axis in fractional units, exact for skewed cells.
  const slack = 1e-9;
  const reachA = (cutoff * Math.hypot(by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx)) / Math.abs(det) + slack;
  const reachB = (cutoff * Math.hypot(cy * az - cz * ay, cz * ax - cx * az, cx * ay - cy * ax)) / Math.abs(det) + slack;
  const reachC = (cutoff * Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)) / Math.abs(det) + slack;
  const cutoffSquared = cutoff * cutoff;
  const n = frac.length / 3;
  let count = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const fa = (frac[3 * j] as number) - (frac[3 * i] as number);
      const fb = (frac[3 * j + 1] as number) - (frac[3 * i + 1] as number);
      const fc = (frac[3 * j + 2] as number) - (frac[3 * i + 2] as number);
      // Of an atom and its own images only the half with a leading positive translation is kept.
      const self = i === j;
      const lastA = Math.floor(reachA - fa);
      const lastB = Math.floor(reachB - fb);
      const lastC = Math.floor(reachC - fc);
      const firstB = Math.ceil(-reachB - fb);
      const firstC = Math.ceil(-reachC - fc);
      for (let ta = self ? 0 : Math.ceil(-reachA - fa); ta <= lastA; ta++) {
        for (let tb = self && ta === 0 ? 0 : firstB; tb <= lastB; tb++) {
          const ua = fa + ta;
          const ub = fb + tb;
          const x0 = ua * ax + ub * bx;
          const y0 = ua * ay + ub * by;
          const z0 = ua * az + ub * bz;
          for (let tc = self && ta === 0 && tb === 0 ? 1 : firstC; tc <= lastC; tc++) {
            const uc = fc + tc;
            const x = x0 + uc * cx;
            const y = y0 + uc * cy;
            const z = z0 + uc * cz;
            const d2 = x * x + y * y + z * z;
            if (d2 > cutoffSquared) continue;
            if (count === capacity) grow();
            ends[2 * count] = i;
            ends[2 * count + 1] = j;
            images[3 * count] = ta;
            images[3 * count + 1] = tb;
            images[3 * count + 2] = tc;
            vectors[3 * count] = x;
            vectors[3 * count + 1] = y;
            vectors[3 * count + 2] = z;
            distances[count++] = Math.sqrt(d2);
          }
        }
      }
    }
  }
  return count;
}

/** Half pairs in order of distance, roughly (equal-width bins): leaves the exact sort next to nothing to do. */
function roughOrder(half: number, cutoff: number): Int32Array {
  const starts = new Int32Array(half + 2);
  const bin = (h: number): number => Math.floor(((distances[h] as number) / cutoff) ** 3 * half);
  for (let h = 0; h < half; h++) {
    const b = bin(h) + 1;
    starts[b] = (starts[b] as number) + 1;
  }
  for (let b = 0; b < half; b++) starts[b + 1] = (starts[b + 1] as number) + (starts[b] as number);
  const order = new Int32Array(half);
  for (let h = 0; h < half; h++) {
    const b = bin(h);
    const at = starts[b] as number;
    order[at] = h;
    starts[b] = at + 1;
  }
  return order;
}

/** Whether directed pair p comes after q of the same source. 2h is half pair h as found, 2h + 1 its reverse. */
function after(p: number, q: number): boolean {
  const hp = p >> 1;
  const hq = q >> 1;
  const byDistance = (distances[hp] as number) - (distances[hq] as number);
  if (byDistance !== 0) return byDistance > 0;
  const byTarget = (ends[2 * hp + 1 - (p & 1)] as number) - (ends[2 * hq + 1 - (q & 1)] as number);
  if (byTarget !== 0) return byTarget > 0;
  const sp = p & 1 ? -1 : 1;
  const sq = q & 1 ? -1 : 1;
  for (let k = 0; k < 3; k++) {
    const byImage = sp * (images[3 * hp + k] as number) - sq * (images[3 * hq + k] as number);
    if (byImage !== 0) return byImage > 0;
  }
  return false;
}

/** Directed pairs in final order: by source, distance, target, image. */
function directedOrder(half: number, n: number, cutoff: number): Int32Array {
  const starts = new Int32Array(n + 1);
  for (let e = 0; e < 2 * half; e++) {
    const s = (ends[e] as number) + 1;
    starts[s] = (starts[s] as number) + 1;
  }
  for (let s = 0; s < n; s++) starts[s + 1] = (starts[s + 1] as number) + (starts[s] as number);
  const filled = starts.slice(0, n);
  const order = new Int32Array(2 * half);
  for (const h of roughOrder(half, cutoff)) {
    for (let direction = 0; direction < 2; direction++) {
      const pair = 2 * h + direction;
      const s = ends[pair] as number;
      let at = filled[s] as number;
      filled[s] = at + 1;
      for (; at > (starts[s] as number) && after(order[at - 1] as number, pair); at--)
        order[at] = order[at - 1] as number;
      order[at] = pair;
    }
  }
  return order;
}

/**
 * All ordered pairs within `cutoff` (A, inclusive) of the atoms of a periodic cell, the pair of an atom with itself
 * left out: its images count. Both directions of a pair have the same distance and opposite vectors, bit for bit.
 *
 * @param lattice 9 numbers, rows are base vectors, A
 * @param frac 3n fractional coordinates, in [0, 1) or not
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume, LCOMS_E_INPUT when the cutoff is not positive
 */
export function neighbourListFlat(lattice: Float64Array, frac: Float64Array, cutoff: number): NeighbourList {
  if (!(cutoff > 0 && cutoff < Number.POSITIVE_INFINITY)) {
    throw new LcomsError('LCOMS_E_INPUT', `a neighbour cutoff must be a positive number of A, not ${cutoff}`);
  }
  const half = collectHalf(lattice, frac, cutoff);
  const count = 2 * half;
  const order = directedOrder(half, frac.length / 3, cutoff);
  const list: NeighbourList = {
    count,
    source: new Int32Array(count),
    target: new Int32Array(count),
    image: new Int32Array(3 * count),
    vector: new Float64Array(3 * count),
    distance: new Float64Array(count),
  };
  for (let p = 0; p < count; p++) {
    const pair = order[p] as number;
    const h = pair >> 1;
    const sign = pair & 1 ? -1 : 1;
    list.source[p] = ends[pair] as number;
    list.target[p] = ends[pair ^ 1] as number;
    list.distance[p] = distances[h] as number;
    for (let k = 0; k < 3; k++) {
      list.image[3 * p + k] = sign * (images[3 * h + k] as number);
      list.vector[3 * p + k] = sign * (vectors[3 * h + k] as number);
    }
  }
  return list;
}
