import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { MessageMatrices } from './messages.js';

/**
 * Scalar channels [C n, F] and, from the first block on, vector channels [C, 3, n, F] of C crystals of n atoms; the latter
 * as rows [3 C n, F].
 */
export interface AtomState {
  scalars: tf.Tensor2D;
  vectors: tf.Tensor2D | null;
}

export interface VectorBlockSizes {
  width: number;
  messageWidth: number;
  hiddenWidth: number;
  radialFunctions: number;
}

/**
 * One block of a rotation-equivariant network in the PaiNN family (Schütt et al. 2021): messages through radial filters
 * and directions, then an update of scalars by the lengths of vectors and of vectors by gates from scalars. Vectors
 * only ever get mixed over channels and scaled, so they turn with the crystal.
 *
 * Differences from PaiNN: filters act on what a neighbour sends as one matrix product with the geometry summed over
 * periodic images (messages.ts), so that no tensor has a row per edge; vector messages are not gated by scalars; the
 * update also sees the lengths of quadrupoles of the neighbours (second-order harmonics), which PaiNN has not; what the
 * update sees is layer-normed, because products of unbounded lengths and gates run away on cells unlike the others.
 */
export class VectorBlock {
  private readonly send;
  private readonly filter;
  private readonly mix;
  private readonly mixQuadrupoles;
  private readonly norm;
  private readonly update;
  private readonly out;
  private readonly sendVectors;

  /** @param first the block sees atoms without vectors, as the first one does */
  constructor(
    parameters: Parameters,
    name: string,
    private readonly sizes: VectorBlockSizes,
    first: boolean,
  ) {
    const { width, messageWidth, hiddenWidth, radialFunctions } = sizes;
    this.send = parameters.dense(`${name}.send`, width, width);
    this.sendVectors = first ? null : parameters.dense(`${name}.sendVectors`, width, width, { bias: false });
    this.filter = parameters.dense(`${name}.filter`, width, radialFunctions * messageWidth, { bias: false });
    this.mix = parameters.dense(`${name}.mix`, messageWidth + (first ? 0 : width), 2 * width, { bias: false });
    this.mixQuadrupoles = parameters.dense(`${name}.mixQuadrupoles`, messageWidth, messageWidth, { bias: false });
    const seen = 2 * width + 2 * messageWidth;
    this.norm = parameters.layerNorm(`${name}.norm`, seen);
    this.update = parameters.dense(`${name}.update`, seen, hiddenWidth);
    this.out = parameters.dense(`${name}.out`, hiddenWidth, 2 * width);
  }

  apply(state: AtomState, geometry: MessageMatrices): AtomState {
    const { width, messageWidth, radialFunctions } = this.sizes;
    const { crystals, n } = geometry;
    const atoms = crystals * n;
    const { scalars, vectors } = state;

    const sent = this.filter(silu(this.send(scalars))).reshape([crystals, n * radialFunctions, messageWidth]);
    const received = tf.matMul(geometry.scalars, sent as tf.Tensor3D);
    const [toScalars, toVectors, quadrupoles] = tf.split(received, [n, 3 * n, 5 * n], 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    let scalarMessage = toScalars.reshape([atoms, messageWidth]);
    let old = toVectors.reshape([3 * atoms, messageWidth]);
    if (vectors !== null && this.sendVectors !== null) {
      const filtered = this.filter(this.sendVectors(vectors));
      const columns = n * radialFunctions;
      const across = tf.matMul(geometry.radial, filtered.reshape([3 * crystals, columns, messageWidth]) as tf.Tensor3D);
      const along = tf.matMul(
        geometry.directions,
        filtered.reshape([crystals, 3 * columns, messageWidth]) as tf.Tensor3D,
      );
      scalarMessage = tf.add(scalarMessage, along.reshape([atoms, messageWidth]));
      old = tf.concat([vectors, tf.add(old, across.reshape([3 * atoms, messageWidth]))], 1);
    }

    const mixed = this.mix(old as tf.Tensor2D);
    const [measured, carried] = tf.split(mixed, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const bent = this.mixQuadrupoles(quadrupoles.reshape([5 * atoms, messageWidth]) as tf.Tensor2D);

    const seen = tf.concat([scalars, scalarMessage, lengths(measured, 3, crystals), lengths(bent, 5, crystals)], 1);
    const hidden = silu(this.update(this.norm(seen as tf.Tensor2D)));
    const [change, gate] = tf.split(this.out(hidden), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const turned = tf
      .mul(carried.reshape([crystals, 3, n * width]), gate.reshape([crystals, 1, n * width]))
      .reshape([3 * atoms, width]) as tf.Tensor2D;
    return {
      scalars: tf.add(scalars, change),
      vectors: vectors === null ? turned : tf.add(vectors, turned),
    };
  }
}

/**
 * Lengths over the components of [C, components, n, F], given as rows: [C n, F]. The constant keeps the root's slope finite
 * where symmetry makes them vanish.
 */
function lengths(rows: tf.Tensor2D, components: number, crystals: number): tf.Tensor2D {
  const squares = tf.square(rows).reshape([crystals, components, -1]);
  return tf.sqrt(tf.add(tf.sum(squares, 1), 1e-2)).reshape([-1, rows.shape[1]]);
}

/** Blocks one after the other; the first starts from scalars alone. */
export class VectorNetwork {
  private readonly blocks: VectorBlock[];

  constructor(parameters: Parameters, name: string, sizes: VectorBlockSizes, blocks: number) {
    this.blocks = Array.from(
      { length: blocks },
      (_, i) => new VectorBlock(parameters, `${name}.block${i}`, sizes, i === 0),
    );
  }

  apply(scalars: tf.Tensor2D, geometry: MessageMatrices): { scalars: tf.Tensor2D; vectors: tf.Tensor2D } {
    let state: AtomState = { scalars, vectors: null };
    for (const block of this.blocks) state = block.apply(state, geometry);
    return { scalars: state.scalars, vectors: state.vectors as tf.Tensor2D };
  }
}
