import type { Parameters } from '../../../../lib/tensor/parameters.js';
import { tf } from '../../../../lib/tensor/tf.js';

/**
 * Distances over the cutoff are taken to be at least this large: the radial functions have a pole at zero, where only
 * atoms on one spot are.
 */
export const SMALLEST_DISTANCE = 0.01;

/**
 * The envelope of DimeNet (Gasteiger et al. 2020, eq. 8) over the reduced distance, 1/u included: with p = exponent + 1,
 * 1/u - (p+1)(p+2)/2 u^(p-1) + p(p+2) u^p - p(p+1)/2 u^(p+1) below 1 and zero from there on. Value and first two
 * derivatives vanish at 1.
 * @param u distance / cutoff, above 0
 */
export function envelope(u: number, exponent: number): number {
  if (u >= 1) return 0;
  const p = exponent + 1;
  return 1 / u + u ** (p - 1) * (-((p + 1) * (p + 2)) / 2 + u * (p * (p + 2) - ((p * (p + 1)) / 2) * u));
}

/**
 * Radial functions envelope(u) sin(f_n u) with trainable frequencies, which start at n pi (Gasteiger et al. 2020, eq. 7).
 * `NAME.frequencies` [n].
 */
export class RadialBasis {
  private readonly frequencies;

  constructor(parameters: Parameters, name: string, n: number) {
    const start = Float32Array.from({ length: n }, (_, i) => (i + 1) * Math.PI);
    this.frequencies = parameters.add<tf.Rank.R2>(`${name}.frequencies`, [1, n], start);
  }

  /**
   * @param distances distance / cutoff, [E, 1]
   * @param envelopes {@link envelope} of them, [E, 1]
   * @returns [E, n]
   */
  apply(distances: tf.Tensor2D, envelopes: tf.Tensor2D): tf.Tensor2D {
    return tf.mul(tf.sin(tf.matMul(distances, this.frequencies)), envelopes);
  }
}
