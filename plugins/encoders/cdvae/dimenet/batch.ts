import { rowIds } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { ELEMENTS } from '../../../../schemas/elements.js';
import { type BatchLayout, batchLayout, harmonicMatrices } from './batch-layout.js';
import type { DimenetGraph } from './graph.js';
import type { DimenetOptions } from './options.js';

/**
 * C crystals of any sizes, A atoms in all. Every atom has D slots for incoming edges, D the most that any has, so tensors
 * of edges have E = A D rows and sums over the edges of an atom are sums over an axis. Slots without an edge have a zero
 * envelope and zero radial functions: they send nothing.
 */
export interface DimenetBatch extends BatchLayout {
  crystals: number;
  /** Atomic numbers, [A], int32. */
  elements: tf.Tensor1D;
  /** Crystal of each atom, [A], int32. */
  crystalOf: tf.Tensor1D;
  /** One over the number of atoms, [C, 1]. */
  shares: tf.Tensor2D;
  /** Sender of each edge, [E], int32. */
  senders: tf.Tensor1D;
  /** Distance over cutoff, [E, 1]. */
  distances: tf.Tensor2D;
  /** [E, 1]. */
  envelopes: tf.Tensor2D;
  /** Radial part of the two-dimensional basis, [E, spherical x radial]. */
  radial: tf.Tensor2D;
  /**
   * Angular part: for each atom j its outgoing edges (places, P the most that any atom has) against its incoming
   * slots, [A, P, D x spherical]; zero where there is no triplet.
   */
  harmonics: tf.Tensor3D;
  /** Row of [A x P] at which each edge is an outgoing one, [E], int32. */
  places: tf.Tensor1D;
}

/** Graphs as one batch. The caller disposes of it with {@link disposeBatch}. */
export function dimenetBatch(
  graphs: readonly DimenetGraph[],
  options: Pick<DimenetOptions, 'spherical' | 'radial'>,
): DimenetBatch {
  const layout = batchLayout(graphs.map((g) => g.edges));
  const { atoms, slots, fanOut, rows } = layout;
  const width = options.spherical * options.radial;
  const distances = new Float32Array(atoms * slots).fill(1);
  const envelopes = new Float32Array(atoms * slots);
  const radial = new Float32Array(atoms * slots * width);
  const elements = new Int32Array(atoms);
  const crystalOf = new Int32Array(atoms);
  const shares = Float32Array.from(graphs, (g) => 1 / g.edges.atoms);
  graphs.forEach((graph, c) => {
    const start = layout.offsets[c] as number;
    elements.set(graph.elements, start);
    crystalOf.fill(c, start, start + graph.edges.atoms);
    (rows[c] as Int32Array).forEach((row, e) => {
      distances[row] = graph.reduced[e] as number;
      envelopes[row] = graph.envelopes[e] as number;
      radial.set(graph.radial.subarray(e * width, (e + 1) * width), row * width);
    });
  });
  const harmonics = harmonicMatrices(graphs, layout, options.spherical);
  return {
    ...layout,
    crystals: graphs.length,
    elements: rowIds(elements, ELEMENTS.length),
    crystalOf: rowIds(crystalOf, graphs.length),
    shares: tf.tensor2d(shares, [graphs.length, 1]),
    senders: rowIds(layout.sender, atoms),
    distances: tf.tensor2d(distances, [atoms * slots, 1]),
    envelopes: tf.tensor2d(envelopes, [atoms * slots, 1]),
    radial: tf.tensor2d(radial, [atoms * slots, width]),
    harmonics: tf.tensor3d(harmonics, [atoms, fanOut, slots * options.spherical]),
    places: rowIds(layout.place, atoms * fanOut),
  };
}

export function disposeBatch(batch: DimenetBatch): void {
  tf.dispose([
    batch.elements,
    batch.crystalOf,
    batch.shares,
    batch.senders,
    batch.distances,
    batch.envelopes,
    batch.radial,
    batch.harmonics,
    batch.places,
  ]);
}
