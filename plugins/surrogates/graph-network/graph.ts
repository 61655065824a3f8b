import { atomFeatures } from '../../../lib/crystal/element-features.js';
import { type NeighbourList, neighbourListFlat } from '../../../lib/crystal/pair-search.js';
import { addRadialBasis } from '../../../lib/crystal/radial-basis.js';
import type { Crystal } from '../../../schemas/crystal.js';
import type { NetworkOptions } from './options.js';

/** Keeps sums over the some fifty neighbours inside the cutoff near one. */
export const MESSAGE_SCALE = 0.1;

export type GraphOptions = Pick<NetworkOptions, 'cutoff' | 'radialFunctions' | 'envelopeExponent'>;

/** A crystal as the network reads it. */
export interface CrystalGraph {
  /** Atoms. */
  n: number;
  species: readonly string[];
  /** n x ELEMENT_FEATURES. */
  features: Float32Array;
  /**
   * n x n x radialFunctions, [receiver i][sender j][r]: the radial functions of all edges from images of j to i, added up, times
   * MESSAGE_SCALE.
   * Messages are linear in them, so all images of an atom share one, and what a network computes does not grow with the
   * cutoff.
   */
  pairs: Float32Array;
}

/** The edges behind a graph, for gradients: every pair of atoms within the cutoff, periodic images included. */
export function crystalEdges(crystal: Crystal, cutoff: number): NeighbourList {
  return neighbourListFlat(Float64Array.from(crystal.lattice.flat()), Float64Array.from(crystal.frac.flat()), cutoff);
}

/**
 * The graph of a crystal in the cell that it is given in; any cell, supercells included, gives the same energy.
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN, LCOMS_E_CRYSTAL when the lattice has no volume
 */
export function crystalGraph(
  crystal: Crystal,
  { cutoff, radialFunctions: R, envelopeExponent }: GraphOptions,
  edges: NeighbourList = crystalEdges(crystal, cutoff),
): CrystalGraph {
  const n = crystal.species.length;
  const pairs = new Float32Array(n * n * R);
  for (let e = 0; e < edges.count; e++) {
    const pair = (edges.source[e] as number) * n + (edges.target[e] as number);
    addRadialBasis((edges.distance[e] as number) / cutoff, R, envelopeExponent, pairs, pair * R);
  }
  for (let k = 0; k < pairs.length; k++) pairs[k] = MESSAGE_SCALE * (pairs[k] as number);
  return { n, species: crystal.species, features: atomFeatures(crystal.species), pairs };
}
