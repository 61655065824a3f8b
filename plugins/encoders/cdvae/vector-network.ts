import { silu } from '../../../lib/tensor/activations.js';
import type { Parameters } from '../../../lib/tensor/parameters.js';
import { tf } from '../../../lib/tensor/tf.js';
import { ANGULAR } from './graph.js';
import type { MessageMatrices } from './messages.js';

/** Scalar channels [A, F] and, from the first block on, vector channels [A, 3, F] of A atoms. */
export interface AtomState {
  scalars: tf.Tensor2D;
  vectors: tf.Tensor3D | null;
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

    const sentScalars = silu(this.send(scalars));
    const sent =
      vectors === null || this.sendVectors === null
        ? sentScalars
        : tf
            .concat(
              [
                sentScalars.reshape([atoms, 1, width]),
                this.sendVectors(vectors.reshape([3 * atoms, width])).reshape([atoms, 3, width]),
              ],
              1,
            )
            .reshape([4 * atoms, width]);
    const columns = (vectors === null ? n : 4 * n) * radialFunctions;
    const filtered = this.filter(sent as tf.Tensor2D).reshape([crystals, columns, messageWidth]);
    const received = tf
      .matMul(vectors === null ? geometry.scalar : geometry.full, filtered)
      .reshape([atoms, ANGULAR, messageWidth]) as tf.Tensor3D;
    const [scalarMessage, vectorMessage, quadrupoles] = tf.split(received, [1, 3, 5], 1) as tf.Tensor3D[] as [
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor3D,
    ];

    const old: tf.Tensor3D = vectors === null ? vectorMessage : tf.concat([vectors, vectorMessage], 2);
    const mixed = this.mix(old.reshape([3 * atoms, -1]) as tf.Tensor2D).reshape([atoms, 3, 2 * width]);
    const [measured, carried] = tf.split(mixed, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
    const bent = this.mixQuadrupoles(quadrupoles.reshape([5 * atoms, messageWidth]) as tf.Tensor2D).reshape([
      atoms,
      5,
      messageWidth,
    ]) as tf.Tensor3D;

    const seen = tf.concat(
      [scalars, scalarMessage.reshape([atoms, messageWidth]) as tf.Tensor2D, lengths(measured), lengths(bent)],
      1,
    );
    const hidden = silu(this.update(this.norm(seen as tf.Tensor2D)));
    const [change, gate] = tf.split(this.out(hidden), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const turned = tf.mul(carried, gate.reshape([atoms, 1, width]));
    return {
      scalars: tf.add(scalars, change),
      vectors: (vectors === null ? turned : tf.add(vectors, turned)) as tf.Tensor3D,
    };
  }
}

/** Lengths over the components, [A, F]. The constant keeps the root's slope finite where symmetry makes them vanish. */
function lengths(x: tf.Tensor3D): tf.Tensor2D {
  return tf.sqrt(tf.add(tf.sum(tf.square(x), 1), 1e-2)) as tf.Tensor2D;
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

  apply(scalars: tf.Tensor2D, geometry: MessageMatrices): { scalars: tf.Tensor2D; vectors: tf.Tensor3D } {
    let state: AtomState = { scalars, vectors: null };
    for (const block of this.blocks) state = block.apply(state, geometry);
    return { scalars: state.scalars, vectors: state.vectors as tf.Tensor3D };
  }
}
