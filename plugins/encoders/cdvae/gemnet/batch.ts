import { rowIds } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Mat3 } from '../../../../schemas/crystal.js';
import { atomicNumber } from '../../../../schemas/elements.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { fillAngularBasis, fillRadialBasis } from './bases.js';
import { type CrystalEdges, crystalEdges } from './edges.js';
import type { GemNetOptions } from './options.js';

/** Atoms and edges of some crystals, of any sizes, as tensors; the caller disposes of them (disposeBatch). */
export interface GemNetBatch {
  /** A, C: atoms and crystals. E edges, at most K into one atom. */
  atoms: number;
  crystals: number;
  edges: number;
  /** [A] atomic number less one, and row of the crystal. */
  species: tf.Tensor1D;
  crystal: tf.Tensor1D;
  /** [E] atoms at both ends, and the edge that runs the other way. */
  source: tf.Tensor1D;
  target: tf.Tensor1D;
  reverse: tf.Tensor1D;
  /** [E] place of an edge among A x K, and [A K] the edge of a place (any edge where there is none). */
  place: tf.Tensor1D;
  edgeAt: tf.Tensor1D;
  /** [E, 3] unit vectors from source to target. */
  direction: tf.Tensor2D;
  /** [E, R]. */
  radial: tf.Tensor2D;
  /** [A, K S, K], see fillAngularBasis. */
  angular: tf.Tensor3D;
}

/** What the network sees of a crystal: species, and edges where its atoms are now. */
export interface GemNetCrystal {
  species: readonly string[];
  edges: CrystalEdges;
}

/** A crystal while its atoms move: lattice (rows, A), species, and 3n fractional coordinates, any real numbers. */
export interface MovingCrystal {
  lattice: Mat3;
  species: readonly string[];
  frac: Float64Array;
}

/**
 * The batch for crystals where their atoms are now: edges are found anew.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL for a lattice without volume, LCOMS_E_ELEMENT_UNKNOWN for a symbol that is no
 *   element
 */
export function batchOfMoving(crystals: readonly MovingCrystal[], options: GemNetOptions): GemNetBatch {
  return gemnetBatch(
    crystals.map(({ lattice, species, frac }) => ({ species, edges: crystalEdges(lattice, frac, options) })),
    options,
  );
}

/** The batch for crystals whose edges are known. Throws LCOMS_E_ELEMENT_UNKNOWN for a symbol that is no element. */
export function gemnetBatch(crystals: readonly GemNetCrystal[], options: GemNetOptions): GemNetBatch {
  const { radialFunctions: R, sphericalFunctions: S } = options;
  const atoms = crystals.reduce((sum, c) => sum + c.edges.n, 0);
  const edges = crystals.reduce((sum, c) => sum + c.edges.count, 0);
  const ids = {
    species: new Int32Array(atoms),
    crystal: new Int32Array(atoms),
    source: new Int32Array(edges),
    target: new Int32Array(edges),
    reverse: new Int32Array(edges),
  };
  const direction = new Float32Array(3 * edges);
  const radial = new Float32Array(edges * R);
  const degree = new Int32Array(atoms);
  let atom = 0;
  let edge = 0;
  crystals.forEach(({ species, edges: own }, c) => {
    species.forEach((symbol, i) => {
      ids.species[atom + i] = numberOf(symbol) - 1;
      ids.crystal[atom + i] = c;
    });
    for (let e = 0; e < own.count; e++) {
      const target = atom + (own.target[e] as number);
      ids.source[edge + e] = atom + (own.source[e] as number);
      ids.target[edge + e] = target;
      ids.reverse[edge + e] = edge + (own.reverse[e] as number);
      degree[target] = (degree[target] as number) + 1;
    }
    direction.set(own.direction, 3 * edge);
    fillRadialBasis(own, options, radial, edge);
    atom += own.n;
    edge += own.count;
  });

  const K = degree.reduce((a, b) => Math.max(a, b), 0);
  const angular = new Float32Array(atoms * K * S * K);
  let first = 0;
  for (const { edges: own } of crystals) {
    fillAngularBasis(own, S, K, angular, first);
    first += own.n;
  }
  const place = new Int32Array(edges);
  const edgeAt = new Int32Array(atoms * K);
  for (let e = 0, k = 0; e < edges; e++) {
    k = e > 0 && ids.target[e] === ids.target[e - 1] ? k + 1 : 0;
    place[e] = (ids.target[e] as number) * K + k;
    edgeAt[place[e] as number] = e;
  }
  return {
    atoms,
    crystals: crystals.length,
    edges,
    species: tf.tensor1d(ids.species, 'int32'),
    crystal: tf.tensor1d(ids.crystal, 'int32'),
    source: rowIds(ids.source, atoms),
    target: rowIds(ids.target, atoms),
    reverse: rowIds(ids.reverse, edges),
    place: tf.tensor1d(place, 'int32'),
    edgeAt: tf.tensor1d(edgeAt, 'int32'),
    direction: tf.tensor2d(direction, [edges, 3]),
    radial: tf.tensor2d(radial, [edges, R]),
    angular: tf.tensor3d(angular, [atoms, K * S, K]),
  };
}

function numberOf(symbol: string): number {
  const z = atomicNumber(symbol);
  if (z === undefined) throw new LcomsError('LCOMS_E_ELEMENT_UNKNOWN', `"${symbol}" is not an element symbol`);
  return z;
}

export function disposeBatch(batch: GemNetBatch): void {
  for (const value of Object.values(batch)) if (value instanceof tf.Tensor) value.dispose();
}
