import type { Edges } from './edges.js';
import type { DimenetGraph } from './graph.js';
import { zonalHarmonics } from './spherical.js';
import { crystalTriplets } from './triplets.js';

/** Where the edges of several crystals lie in the tensors of a batch. */
export interface BatchLayout {
  atoms: number;
  /** Most incoming edges of an atom, at least 1. */
  slots: number;
  /** Most outgoing edges of an atom, at least 1. */
  fanOut: number;
  /** First atom of each crystal. */
  offsets: Int32Array;
  /** Row (receiver x slots + slot) of each edge, by crystal. */
  rows: Int32Array[];
  /** atoms x slots: atom that sends along the edge in a row; in empty slots the receiver itself. */
  sender: Int32Array;
  /** atoms x slots: sender x fanOut + the edge's place among the outgoing ones; in empty slots 0. */
  place: Int32Array;
}

export function batchLayout(crystals: readonly Edges[]): BatchLayout {
  const offsets = new Int32Array(crystals.length);
  let atoms = 0;
  let slots = 1;
  crystals.forEach(({ atoms: n, first }, c) => {
    offsets[c] = atoms;
    atoms += n;
    for (let i = 0; i < n; i++) slots = Math.max(slots, (first[i + 1] as number) - (first[i] as number));
  });
  const sender = Int32Array.from({ length: atoms * slots }, (_, row) => Math.floor(row / slots));
  const rank = new Int32Array(atoms * slots);
  const sent = new Int32Array(atoms);
  const rows = crystals.map((edges, c) => {
    const offset = offsets[c] as number;
    const of = new Int32Array(edges.count);
    for (let e = 0; e < edges.count; e++) {
      const i = edges.receiver[e] as number;
      const row = (offset + i) * slots + e - (edges.first[i] as number);
      const j = offset + (edges.sender[e] as number);
      of[e] = row;
      sender[row] = j;
      rank[row] = sent[j] as number;
      sent[j] = (sent[j] as number) + 1;
    }
    return of;
  });
  const fanOut = sent.reduce((most, count) => Math.max(most, count), 1);
  const place = new Int32Array(atoms * slots);
  for (const of of rows) for (const row of of) place[row] = (sender[row] as number) * fanOut + (rank[row] as number);
  return { atoms, slots, fanOut, offsets, rows, sender, place };
}

/**
 * Zonal harmonics of all triplets k -> j -> i, atoms x fanOut x slots x spherical: [j][place of j -> i][slot of k -> j][l].
 * With them, sums over triplets are one matrix product an atom, and no tensor has a row a triplet.
 */
export function harmonicMatrices(
  graphs: readonly Pick<DimenetGraph, 'edges'>[],
  { atoms, slots, fanOut, rows, place }: BatchLayout,
  spherical: number,
): Float32Array {
  const out = new Float32Array(atoms * fanOut * slots * spherical);
  graphs.forEach(({ edges }, c) => {
    const rowOf = rows[c] as Int32Array;
    const { count, incoming, outgoing, cosine } = crystalTriplets(edges);
    for (let t = 0; t < count; t++) {
      const at = place[rowOf[outgoing[t] as number] as number] as number;
      const slot = (rowOf[incoming[t] as number] as number) % slots;
      zonalHarmonics(cosine[t] as number, spherical, out, (at * slots + slot) * spherical);
    }
  });
  return out;
}
