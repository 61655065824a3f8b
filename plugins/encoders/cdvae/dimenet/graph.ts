import type { Crystal } from '../../../../schemas/crystal.js';
import { atomicNumber } from '../../../../schemas/elements.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { envelope, SMALLEST_DISTANCE } from './bessel.js';
import { crystalEdges, type Edges } from './edges.js';
import type { DimenetOptions } from './options.js';
import { SphericalRadialBasis } from './spherical.js';

/** A crystal as the network reads it, computed once and kept: about 200 bytes an edge. */
export interface DimenetGraph {
  edges: Edges;
  /** Atomic numbers, one an atom. */
  elements: Int32Array;
  /** Distance over cutoff, one an edge. */
  reduced: Float32Array;
  /** Envelope, one an edge. */
  envelopes: Float32Array;
  /** Radial part of the two-dimensional basis, envelope included: edges x (spherical x radial). */
  radial: Float32Array;
}

/** What the geometry depends on. */
export type GraphOptions = Pick<
  DimenetOptions,
  'cutoff' | 'neighbours' | 'shellTolerance' | 'envelopeExponent' | 'spherical' | 'radial'
>;

const bases = new Map<string, SphericalRadialBasis>();

function basis({ spherical, radial }: GraphOptions): SphericalRadialBasis {
  const key = `${spherical}/${radial}`;
  const found = bases.get(key) ?? new SphericalRadialBasis(spherical, radial);
  bases.set(key, found);
  return found;
}

/**
 * Graph of a crystal in the cell that it is given in. Any cell, supercells included, gives the same features.
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume, LCOMS_E_ELEMENT_UNKNOWN for a symbol that is no element
 */
export function dimenetGraph(crystal: Crystal, options: GraphOptions): DimenetGraph {
  const edges = crystalEdges(crystal, options);
  const functions = basis(options);
  const width = options.spherical * options.radial;
  const reduced = new Float32Array(edges.count);
  const envelopes = new Float32Array(edges.count);
  const radial = new Float32Array(edges.count * width);
  for (let e = 0; e < edges.count; e++) {
    const u = Math.max((edges.distance[e] as number) / options.cutoff, SMALLEST_DISTANCE);
    const factor = envelope(u, options.envelopeExponent);
    reduced[e] = u;
    envelopes[e] = factor;
    functions.write(u, factor, radial, e * width);
  }
  return { edges, elements: Int32Array.from(crystal.species, elementNumber), reduced, envelopes, radial };
}

function elementNumber(symbol: string): number {
  const z = atomicNumber(symbol);
  if (z === undefined) throw new LcomsError('LCOMS_E_ELEMENT_UNKNOWN', `"${symbol}" is not an element symbol`);
  return z;
}
