import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { gatherRows } from '../../../../lib/tensor/segment.js';
import { siluDense } from '../../../../lib/tensor/silu-layers.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { DimenetBatch } from './batch.js';
import type { DimenetOptions } from './options.js';
import { orthogonalDense } from './orthogonal.js';
import { type ResidualLayer, residualLayers } from './residual.js';

/**
 * The interaction block of DimeNet++ (Gasteiger et al. 2020, arXiv:2011.14115): each message j -> i is updated by the
 * messages k -> j, weighted by functions of their length and of the angle between the two edges.
 *
 * The two-dimensional basis is a product, radial_ln(k -> j) Y_l(angle), and what follows it is linear. So the radial part
 * is taken through the weights edge by edge, and the sum over triplets becomes a product of the constant matrices
 * `harmonics` with messages of (incoming edge, l): the same numbers, without a tensor that has a row a triplet.
 */
export class InteractionBlock {
  private readonly radialDown;
  private readonly radialUp;
  private readonly basisDown;
  private readonly basisUp;
  private readonly incoming;
  private readonly own;
  private readonly down;
  private readonly up;
  private readonly before: ResidualLayer[];
  private readonly join;
  private readonly after: ResidualLayer[];

  constructor(
    parameters: Parameters,
    name: string,
    private readonly options: DimenetOptions,
  ) {
    const { hidden, interactionEmbedding, basisEmbedding, spherical, radial } = options;
    const unbiased = (part: string, inputs: number, outputs: number) =>
      orthogonalDense(parameters, `${name}.${part}`, inputs, outputs, { bias: false });
    this.radialDown = unbiased('radialDown', radial, basisEmbedding);
    this.radialUp = unbiased('radialUp', basisEmbedding, hidden);
    this.basisDown = unbiased('basisDown', spherical * radial, basisEmbedding);
    this.basisUp = unbiased('basisUp', basisEmbedding, interactionEmbedding);
    this.incoming = orthogonalDense(parameters, `${name}.incoming`, hidden, hidden);
    this.own = orthogonalDense(parameters, `${name}.own`, hidden, hidden);
    this.down = unbiased('down', hidden, interactionEmbedding);
    this.up = unbiased('up', interactionEmbedding, hidden);
    this.before = residualLayers(parameters, `${name}.before`, hidden, options.residualsBeforeSkip);
    this.join = orthogonalDense(parameters, `${name}.join`, hidden, hidden);
    this.after = residualLayers(parameters, `${name}.after`, hidden, options.residualsAfterSkip);
  }

  /**
   * @param messages [E, hidden]
   * @param basis radial functions, [E, radial]
   * @param orders which rows of the two-dimensional basis belong to which l, see {@link orderMask}
   * @returns [E, hidden]
   */
  apply(messages: tf.Tensor2D, basis: tf.Tensor2D, batch: DimenetBatch, orders: tf.Tensor3D): tf.Tensor2D {
    const filtered: tf.Tensor2D = tf.mul(siluDense(messages, this.incoming), this.radialUp(this.radialDown(basis)));
    const angular = this.sumOverTriplets(siluDense(filtered, this.down), batch, orders);
    let state = tf.add(siluDense(messages, this.own), siluDense(angular, this.up)) as tf.Tensor2D;
    for (const layer of this.before) state = layer.apply(state);
    state = tf.add(siluDense(state, this.join), messages);
    for (const layer of this.after) state = layer.apply(state);
    return state;
  }

  /** @param sent [E, interactionEmbedding]; returns the same */
  private sumOverTriplets(sent: tf.Tensor2D, batch: DimenetBatch, orders: tf.Tensor3D): tf.Tensor2D {
    const { interactionEmbedding: width, basisEmbedding, spherical, radial } = this.options;
    const { atoms, slots, fanOut } = batch;
    const edges = atoms * slots;
    // [spherical x radial, basis] as blocks on the diagonal: all orders in one product, [E, spherical x basis].
    const down = tf
      .mul(this.basisDown.weight.reshape([spherical * radial, 1, basisEmbedding]), orders)
      .reshape([spherical * radial, spherical * basisEmbedding]) as tf.Tensor2D;
    const reduced = tf.matMul(batch.radial, down).reshape([edges * spherical, basisEmbedding]) as tf.Tensor2D;
    const weights = this.basisUp(reduced).reshape([edges, spherical, width]);
    const byOrder = tf.mul(weights, sent.reshape([edges, 1, width])).reshape([atoms, slots * spherical, width]);
    const sums = tf.matMul(batch.harmonics, byOrder as tf.Tensor3D).reshape([atoms * fanOut, width]);
    return gatherRows(sums as tf.Tensor2D, batch.places);
  }
}

/** One where a row (l, n) of the two-dimensional basis has order l: [spherical x radial, spherical, 1]. */
export function orderMask(spherical: number, radial: number): tf.Tensor3D {
  const mask = new Float32Array(spherical * radial * spherical);
  for (let row = 0; row < spherical * radial; row++) mask[row * spherical + Math.floor(row / radial)] = 1;
  return tf.tensor3d(mask, [spherical * radial, spherical, 1]);
}
