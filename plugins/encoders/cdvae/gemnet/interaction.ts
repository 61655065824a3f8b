import { silu } from '../../../../lib/tensor/activations.js';
import { gatherRows, segmentSum } from '../../../../lib/tensor/segment.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { GemNetBatch } from './batch.js';
import { activated, activatedPlain, ResidualStack, SILU_SCALE, skip } from './layers.js';
import { type GemNetOptions, scaleOf } from './options.js';
import { TripletInteraction } from './triplets.js';
import type { Weight, Weights } from './weights.js';

/** Embeddings of atoms [A, atomWidth] and of edges [E, edgeWidth], over SILU_SCALE. */
export interface Embeddings {
  h: tf.Tensor2D;
  m: tf.Tensor2D;
}

/** Bases after the projections that all blocks share. */
export interface ProjectedBases {
  /** [E, radialWidth], for the triplets, the atoms and the output. */
  triplets: tf.Tensor2D;
  atoms: tf.Tensor2D;
  output: tf.Tensor2D;
  /** [E, circularWidth, S]. */
  circular: tf.Tensor3D;
}

/** A layer over both atoms of an edge and features of the edge, each with its own part of one weight matrix. */
export class EdgeEmbedding {
  private readonly parts: Record<'source' | 'target' | 'edge', Weight>;

  constructor(weights: Weights, name: string, atomWidth: number, features: number, edgeWidth: number) {
    this.parts = weights.concatenated(name, { source: atomWidth, target: atomWidth, edge: features }, edgeWidth);
  }

  /**
   * Atoms are multiplied before they are gathered: there are some twenty edges to an atom.
   * @param h over SILU_SCALE, as is the result
   * @param scale factor of the features
   */
  apply(h: tf.Tensor2D, features: tf.Tensor2D, batch: GemNetBatch, scale: number): tf.Tensor2D {
    const atoms = tf.mul(h, SILU_SCALE) as tf.Tensor2D;
    const source = gatherRows(tf.matMul(atoms, this.parts.source), batch.source);
    const target = gatherRows(tf.matMul(atoms, this.parts.target), batch.target);
    const edge = scale === 1 ? this.parts.edge : tf.mul(this.parts.edge, scale);
    return silu(tf.addN([source, target, tf.matMul(features, edge)]) as tf.Tensor2D);
  }
}

/** From the edges into an atom to a change of its embedding. */
class AtomUpdate {
  private readonly radial: Weight;
  private readonly dense: Weight;
  private readonly residual: ResidualStack;
  private readonly scale: number;

  constructor(weights: Weights, options: GemNetOptions, index: number) {
    const { atomWidth, edgeWidth, radialWidth, residualAtom, atomSumScales } = options;
    this.radial = weights.dense('radial', radialWidth, edgeWidth);
    this.dense = weights.dense('dense', edgeWidth, atomWidth);
    this.residual = new ResidualStack(weights, 'residual', atomWidth, residualAtom);
    this.scale = scaleOf(atomSumScales, index);
  }

  apply(m: tf.Tensor2D, radial: tf.Tensor2D, batch: GemNetBatch): tf.Tensor2D {
    const filtered = tf.mul(m, tf.matMul(radial, this.radial)) as tf.Tensor2D;
    const sum = tf.mul(segmentSum(filtered, batch.target, batch.atoms), this.scale * SILU_SCALE) as tf.Tensor2D;
    return this.residual.apply(activatedPlain(sum, this.dense));
  }
}

/** One interaction block of GemNet-T: edges talk through triplets, then atoms hear edges, then edges hear atoms. */
export class InteractionBlock {
  private readonly dense: Weight;
  private readonly triplets: TripletInteraction;
  private readonly beforeSkip: ResidualStack;
  private readonly afterSkip: ResidualStack;
  private readonly atomUpdate: AtomUpdate;
  private readonly concat: EdgeEmbedding;
  private readonly afterConcat: ResidualStack;

  constructor(weights: Weights, options: GemNetOptions, index: number) {
    const { atomWidth, edgeWidth } = options;
    this.dense = weights.dense('dense', edgeWidth, edgeWidth);
    this.triplets = new TripletInteraction(weights.under('triplets'), options, index);
    this.beforeSkip = new ResidualStack(weights, 'beforeSkip', edgeWidth, options.residualBeforeSkip);
    this.afterSkip = new ResidualStack(weights, 'afterSkip', edgeWidth, options.residualAfterSkip);
    this.atomUpdate = new AtomUpdate(weights.under('atom'), options, index);
    this.concat = new EdgeEmbedding(weights, 'concat', atomWidth, edgeWidth, edgeWidth);
    this.afterConcat = new ResidualStack(weights, 'afterConcat', edgeWidth, options.residualConcat);
  }

  apply({ h, m }: Embeddings, bases: ProjectedBases, batch: GemNetBatch): Embeddings {
    const heard = this.triplets.apply(m, bases.triplets, bases.circular, batch);
    const change = this.beforeSkip.apply(skip(activated(m, this.dense), heard));
    const edges = this.afterSkip.apply(skip(m, change));
    const atoms = skip(h, this.atomUpdate.apply(edges, bases.atoms, batch));
    const seen = this.afterConcat.apply(this.concat.apply(atoms, edges, batch, SILU_SCALE));
    return { h: atoms, m: skip(edges, seen) };
  }
}
