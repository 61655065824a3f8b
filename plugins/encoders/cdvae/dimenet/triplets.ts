import type { Edges } from './edges.js';

/** Pairs of edges k -> j -> i that share the atom j. */
export interface Triplets {
  count: number;
  /** count: the edge k -> j. */
  incoming: Int32Array;
  /** count: the edge j -> i. */
  outgoing: Int32Array;
  /** count: cosine of the angle between the vectors i -> j and j -> k (1: straight on, -1: back). */
  cosine: Float64Array;
}

/**
 * All triplets, ordered by outgoing, then incoming edge. k may be another image of i, but not i itself: the step
 * back along the same edge is left out (images are compared, not atoms: in a small cell most neighbours of j are
 * images of i, and the angles between them are what tells structures apart).
 */
export function crystalTriplets(edges: Edges): Triplets {
  const { first, sender, receiver, image, vector, distance } = edges;
  let most = 0;
  for (let e = 0; e < edges.count; e++) {
    const j = sender[e] as number;
    most += (first[j + 1] as number) - (first[j] as number);
  }
  const incoming = new Int32Array(most);
  const outgoing = new Int32Array(most);
  const cosine = new Float64Array(most);
  let count = 0;
  for (let out = 0; out < edges.count; out++) {
    const [i, j] = [receiver[out] as number, sender[out] as number];
    const [x, y, z] = [vector[3 * out] as number, vector[3 * out + 1] as number, vector[3 * out + 2] as number];
    for (let into = first[j] as number; into < (first[j + 1] as number); into++) {
      if (sender[into] === i && isOpposite(image, 3 * into, 3 * out)) continue;
      const product =
        x * (vector[3 * into] as number) + y * (vector[3 * into + 1] as number) + z * (vector[3 * into + 2] as number);
      const lengths = (distance[out] as number) * (distance[into] as number);
      incoming[count] = into;
      outgoing[count] = out;
      // Atoms on one spot have no direction; rounding may bring the quotient past +-1.
      cosine[count++] = lengths > 0 ? Math.max(-1, Math.min(1, product / lengths)) : 0;
    }
  }
  return {
    count,
    incoming: incoming.subarray(0, count),
    outgoing: outgoing.subarray(0, count),
    cosine: cosine.subarray(0, count),
  };
}

function isOpposite(image: Int32Array, p: number, q: number): boolean {
  for (let k = 0; k < 3; k++) if ((image[p + k] as number) + (image[q + k] as number) !== 0) return false;
  return true;
}
