import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { DimenetBatch } from './batch.js';
import { RadialBasis } from './bessel.js';
import { EmbeddingBlock } from './embedding.js';
import { InteractionBlock, orderMask } from './interaction.js';
import type { DimenetOptions } from './options.js';
import { OutputBlock } from './output.js';

/**
 * DimeNet++ (Gasteiger et al. 2020, arXiv:2003.03123 and arXiv:2011.14115) over periodic crystals: invariant under
 * rotation, reflection, translation, order of atoms and choice of cell.
 *
 *     const graphs = crystals.map((c) => dimenetGraph(c, options)); // keep these
 *     const batch = dimenetBatch(graphs, options);
 *     const features = network.apply(batch); // [C, features]
 *     disposeBatch(batch);
 */
export class DimenetPlusPlus {
  private readonly radial;
  private readonly embedding;
  private readonly outputs: OutputBlock[];
  private readonly interactions: InteractionBlock[];

  /** Adds the weights to `parameters` under `NAME.`, always in the same order, so that a seed fixes them. */
  constructor(
    parameters: Parameters,
    name: string,
    private readonly options: DimenetOptions,
  ) {
    const { blocks } = options;
    this.radial = new RadialBasis(parameters, `${name}.radial`, options.radial);
    this.embedding = new EmbeddingBlock(parameters, `${name}.embedding`, options);
    this.outputs = Array.from(
      { length: blocks + 1 },
      (_, k) => new OutputBlock(parameters, `${name}.output${k}`, options),
    );
    this.interactions = Array.from(
      { length: blocks },
      (_, k) => new InteractionBlock(parameters, `${name}.interaction${k}`, options),
    );
  }

  /** Mean over the atoms of each crystal of what all output blocks say, [C, features]. */
  apply(batch: DimenetBatch): tf.Tensor2D {
    return tf.tidy(() => {
      const basis = this.radial.apply(batch.distances, batch.envelopes);
      const orders = orderMask(this.options.spherical, this.options.radial);
      let messages = this.embedding.apply(batch, basis);
      let atoms = (this.outputs[0] as OutputBlock).apply(messages, basis, batch);
      this.interactions.forEach((interaction, k) => {
        messages = interaction.apply(messages, basis, batch, orders);
        atoms = tf.add(atoms, (this.outputs[k + 1] as OutputBlock).apply(messages, basis, batch));
      });
      return tf.mul(segmentSum(atoms, batch.crystalOf, batch.crystals), batch.shares) as tf.Tensor2D;
    });
  }
}
