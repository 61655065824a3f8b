import type { Rng } from '../../../../lib/random/rng.js';
import { uniformValues } from '../../../../lib/tensor/initializers.js';
import type { Dense, Parameters } from '../../../../lib/tensor/parameters.js';
import { gatherRows, segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { ELEMENTS } from '../../../../schemas/elements.js';
import type { GemNetBatch } from './batch.js';
import { EdgeEmbedding, InteractionBlock, type ProjectedBases } from './interaction.js';
import { activated, ResidualStack, SILU_SCALE } from './layers.js';
import { type GemNetOptions, scaleOf } from './options.js';
import { type Weight, Weights } from './weights.js';

/** From the embedding of an edge to the length of its contribution to the vector of its target atom. */
class ForceOutput {
  private readonly dense: Weight;
  private readonly residual: ResidualStack;
  private readonly radial: Weight;
  private readonly out: Weight;
  private readonly scale: number;

  constructor(weights: Weights, options: GemNetOptions, index: number) {
    const { edgeWidth, radialWidth, residualAtom, outputRadialScales } = options;
    this.dense = weights.dense('dense', edgeWidth, edgeWidth);
    this.residual = new ResidualStack(weights, 'residual', edgeWidth, residualAtom);
    this.radial = weights.dense('radial', radialWidth, edgeWidth);
    this.out = weights.dense('out', edgeWidth, 1);
    this.scale = scaleOf(outputRadialScales, index);
  }

  /** @returns [E, 1] */
  apply(m: tf.Tensor2D, radial: tf.Tensor2D): tf.Tensor2D {
    const filter = tf.matMul(radial, tf.mul(this.radial, this.scale * SILU_SCALE));
    return tf.matMul(tf.mul(this.residual.apply(activated(m, this.dense)), filter) as tf.Tensor2D, this.out);
  }
}

/**
 * GemNet-T with direct forces over periodic crystals, as CDVAE's score decoder uses it: the latent of a crystal joins
 * the embedding of each of its atoms, and the result is one Cartesian vector an atom, which turns with the crystal. Read
 * as in CDVAE it is the score of the noisy coordinates times the noise level: of order one at every level, and the
 * network is not told the level. The mean over the atoms of a crystal is not taken out.
 *
 * Left out of the released network is what CDVAE computes and drops: the energy half of the output blocks.
 */
export class GemNetT {
  private readonly species: Weight;
  private readonly joined: Dense;
  private readonly embedding: EdgeEmbedding;
  private readonly shared: Record<'triplets' | 'atoms' | 'output' | 'circular', Weight>;
  private readonly blocks: InteractionBlock[];
  private readonly outputs: ForceOutput[];

  /**
   * @param rng start of the weights; each draws from its own stream, named by the weight
   * @param name prefix of the parameters' names
   */
  constructor(
    parameters: Parameters,
    rng: Rng,
    private readonly options: GemNetOptions,
    name = 'decoder',
  ) {
    const { atomWidth, edgeWidth, radialFunctions, radialWidth, circularWidth, sphericalFunctions } = options;
    const weights = new Weights(parameters, rng, name);
    const elements = ELEMENTS.length - 1;
    const embedding = `${name}.species.weight`;
    const values = uniformValues(rng.fork(embedding), elements * atomWidth, Math.sqrt(3));
    this.species = parameters.add<tf.Rank.R2>(embedding, [elements, atomWidth], values);
    this.joined = parameters.dense(`${name}.joined`, atomWidth + options.latentDimension, atomWidth);
    this.embedding = new EdgeEmbedding(weights, 'embedding', atomWidth, radialFunctions, edgeWidth);
    this.shared = {
      triplets: weights.dense('shared.triplets', radialFunctions, radialWidth),
      atoms: weights.dense('shared.atoms', radialFunctions, radialWidth),
      output: weights.dense('shared.output', radialFunctions, radialWidth),
      circular: weights.circular('shared.circular', radialFunctions, sphericalFunctions, circularWidth),
    };
    this.blocks = Array.from(
      { length: options.blocks },
      (_, i) => new InteractionBlock(weights.under(`block${i}`), options, i),
    );
    this.outputs = Array.from(
      { length: options.blocks + 1 },
      (_, i) => new ForceOutput(weights.under(`output${i}`), options, i),
    );
  }

  /**
   * @param latents [C, latentDimension]
   * @returns [A, 3]; zero for an atom without edges
   */
  apply(batch: GemNetBatch, latents: tf.Tensor2D): tf.Tensor2D {
    if (batch.edges === 0) return tf.zeros([batch.atoms, 3]);
    const bases = this.project(batch);
    const atoms = [gatherRows(this.species, batch.species), gatherRows(latents, batch.crystal)];
    const h = tf.div(this.joined(tf.concat(atoms, 1) as tf.Tensor2D), SILU_SCALE) as tf.Tensor2D;
    let state = { h, m: this.embedding.apply(h, batch.radial, batch, 1) };
    const lengths = this.outputs.map((output, i) => {
      if (i > 0) state = (this.blocks[i - 1] as InteractionBlock).apply(state, bases, batch);
      return output.apply(state.m, bases.output);
    });
    const vectors = tf.mul(tf.addN(lengths), batch.direction) as tf.Tensor2D;
    return segmentSum(vectors, batch.target, batch.atoms);
  }

  private project({ radial, edges }: GemNetBatch): ProjectedBases {
    const { triplets, atoms, output, circular } = this.shared;
    const { circularWidth, sphericalFunctions } = this.options;
    return {
      triplets: tf.matMul(radial, triplets),
      atoms: tf.matMul(radial, atoms),
      output: tf.matMul(radial, output),
      circular: tf.matMul(radial, circular).reshape([edges, circularWidth, sphericalFunctions]),
    };
  }
}
