import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import type { Dense, Parameters } from '../../../lib/tensor/parameters.js';
import { siluDense } from '../../../lib/tensor/silu-layers.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { CrystalGraph } from './graph.js';
import type { NetworkOptions } from './options.js';

/** C crystals of n atoms each as tensors. */
export interface GraphBatch {
  crystals: number;
  n: number;
  /** [C n, ELEMENT_FEATURES]. */
  features: tf.Tensor2D;
  /** [C n n, radialFunctions]: see {@link CrystalGraph}. */
  pairs: tf.Tensor2D;
}

/** Keeps sums over the some fifty neighbours inside the cutoff near one. */
const MESSAGE_SCALE = 0.1;

/** Graphs of one number of atoms. The caller disposes of the tensors (tf.tidy). */
export function graphBatch(graphs: readonly CrystalGraph[], radialFunctions: number): GraphBatch {
  const crystals = graphs.length;
  const { n } = graphs[0] as CrystalGraph;
  const features = new Float32Array(crystals * n * ELEMENT_FEATURES);
  const pairs = new Float32Array(crystals * n * n * radialFunctions);
  graphs.forEach((graph, c) => {
    features.set(graph.features, c * n * ELEMENT_FEATURES);
    pairs.set(graph.pairs, c * n * n * radialFunctions);
  });
  return {
    crystals,
    n,
    features: tf.tensor2d(features, [crystals * n, ELEMENT_FEATURES]),
    pairs: tf.tensor2d(pairs, [crystals * n * n, radialFunctions]),
  };
}

/** Weights of one round of messages. */
interface Interaction {
  send: Dense;
  filter: Dense;
  receive: Dense;
  update: Dense;
}

/**
 * SchNet (Schütt et al. 2018) over periodic crystals: each atom has a vector, which starts from its element; in each round
 * it receives from every neighbour that one's vector times a filter of the distance, and adds what a small network makes of
 * the sum. The energy is the mean over the atoms of what another one reads from their vectors.
 *
 * Differences from SchNet: filters are linear in the radial functions (which say the same: a sum of Gaussians can be any
 * function of the distance), so periodic images are added up beforehand; an envelope takes them to zero at the cutoff;
 * elements start from their features, not from a table; silu for shifted softplus.
 */
export class GraphNetwork {
  private readonly embedding: Dense;
  private readonly interactions: Interaction[];
  private readonly hidden: Dense;
  private readonly energy: Dense;

  /** Adds the weights to `parameters`, always in the same order. */
  constructor(parameters: Parameters, { width, blocks, radialFunctions }: NetworkOptions) {
    this.embedding = parameters.dense('embedding', ELEMENT_FEATURES, width);
    this.interactions = Array.from({ length: blocks }, (_, b) => ({
      send: parameters.dense(`block${b}.send`, width, width, { bias: false }),
      // Without a bias: where there is no edge nothing is sent.
      filter: parameters.dense(`block${b}.filter`, radialFunctions, width, { bias: false }),
      receive: parameters.dense(`block${b}.receive`, width, width),
      update: parameters.dense(`block${b}.update`, width, width),
    }));
    this.hidden = parameters.dense('hidden', width, width);
    this.energy = parameters.dense('energy', width, 1);
  }

  /** Standardised energies per atom, [C, 1]. */
  apply({ crystals, n, features, pairs }: GraphBatch): tf.Tensor2D {
    let atoms = this.embedding(features);
    const width = atoms.shape[1];
    for (const { send, filter, receive, update } of this.interactions) {
      const sent = send(atoms).reshape([crystals, 1, n, width]);
      const filters = filter(pairs).reshape([crystals, n, n, width]);
      const received = tf.sum(tf.mul(filters, sent), 2).reshape([crystals * n, width]) as tf.Tensor2D;
      atoms = tf.add(atoms, update(siluDense(tf.mul(received, MESSAGE_SCALE), receive)));
    }
    const perAtom = this.energy(siluDense(atoms, this.hidden));
    return tf.mean(perAtom.reshape([crystals, n]), 1, true) as tf.Tensor2D;
  }
}
