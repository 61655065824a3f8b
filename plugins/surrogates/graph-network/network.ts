import { ELEMENT_FEATURES } from '../../../lib/crystal/element-features.js';
import type { Dense, Parameters } from '../../../lib/tensor/parameters.js';
import { siluDense } from '../../../lib/tensor/silu-layers.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { CrystalGraph } from './graph.js';
import { Interaction } from './interaction.js';
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
  constructor(parameters: Parameters, options: NetworkOptions) {
    const { width } = options;
    this.embedding = parameters.dense('embedding', ELEMENT_FEATURES, width);
    this.interactions = Array.from(
      { length: options.blocks },
      (_, b) => new Interaction(parameters, `block${b}`, options),
    );
    this.hidden = parameters.dense('hidden', width, width);
    this.energy = parameters.dense('energy', width, 1);
  }

  /**
   * Standardised energies per atom, [C, 1].
   * @param by what gradients may be taken by: the weights, or the pairs
   */
  apply({ features, pairs, ...sizes }: GraphBatch, by: 'weights' | 'pairs' = 'weights'): tf.Tensor2D {
    let atoms = this.embedding(features);
    for (const interaction of this.interactions) atoms = interaction.apply(atoms, pairs, sizes, by);
    const perAtom = this.energy(siluDense(atoms, this.hidden));
    return tf.mean(perAtom.reshape([sizes.crystals, sizes.n]), 1, true) as tf.Tensor2D;
  }
}
