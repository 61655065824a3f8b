import { LcomsError } from '../../schemas/errors.js';

/** How raw latents become standardised ones: z = (raw - mean) / std, per dimension. */
export interface LatentScale {
  latentMean: Float32Array;
  latentStd: Float32Array;
}

/** The box of standardised latents that an optimizer moves in; it has the form of the contract's SearchSpace. */
export interface LatentSpace {
  kind: 'latent';
  dimension: number;
  lower: Float64Array;
  upper: Float64Array;
  /** The standardised training latents, m x d. */
  reference: Float32Array;
}

/** Raw latents (n x d) -> standardised ones. */
export function standardiseLatents(raw: Float32Array, scale: LatentScale): Float32Array {
  return mapColumns(raw, scale, (x, mean, std) => (x - mean) / std);
}

/** Standardised latents (n x d) -> raw ones, as a decoder takes them. */
export function rawLatents(z: Float32Array, scale: LatentScale): Float32Array {
  return mapColumns(z, scale, (x, mean, std) => x * std + mean);
}

/**
 * The search space that raw training latents (m x d) span: per dimension from the least to the largest standardised
 * value, widened about its middle by the factor `widen` (1.1: a twentieth of the range on either side).
 *
 * @throws LcomsError LCOMS_E_INPUT when there is no row, a length does not fit, or a value is not finite.
 */
export function latentSpace(raw: Float32Array, scale: LatentScale, widen = 1.1): LatentSpace {
  const d = scale.latentMean.length;
  if (raw.length === 0) throw new LcomsError('LCOMS_E_INPUT', 'a latent space needs at least one training latent');
  const reference = standardiseLatents(raw, scale);
  const lower = new Float64Array(d).fill(Number.POSITIVE_INFINITY);
  const upper = new Float64Array(d).fill(Number.NEGATIVE_INFINITY);
  reference.forEach((x, at) => {
    const j = at % d;
    if (!Number.isFinite(x)) {
      throw new LcomsError('LCOMS_E_INPUT', `training latent ${Math.floor(at / d)} is ${x} in dimension ${j}`);
    }
    lower[j] = Math.min(lower[j] as number, x);
    upper[j] = Math.max(upper[j] as number, x);
  });
  for (let j = 0; j < d; j++) {
    const middle = ((lower[j] as number) + (upper[j] as number)) / 2;
    const half = (widen * ((upper[j] as number) - (lower[j] as number))) / 2;
    lower[j] = middle - half;
    upper[j] = middle + half;
  }
  return { kind: 'latent', dimension: d, lower, upper, reference };
}

function mapColumns(
  from: Float32Array,
  { latentMean, latentStd }: LatentScale,
  f: (x: number, mean: number, std: number) => number,
): Float32Array {
  const d = latentMean.length;
  if (latentStd.length !== d || d === 0 || from.length % d !== 0) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `${from.length} latent values with ${d} means and ${latentStd.length} standard deviations are not n rows of one length`,
    );
  }
  return from.map((x, at) => f(x, latentMean[at % d] as number, latentStd[at % d] as number));
}
