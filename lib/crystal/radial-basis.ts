/** Gaussians farther than this from a distance, in their own widths, are below 3e-11 there: left at zero. */
const WINDOW = 7;

/** Polynomial envelope (DimeNet): 1 at u = 0, zero with two derivatives at u = 1. */
export function envelope(u: number, p: number): number {
  if (u >= 1) return 0;
  const power = u ** p;
  return 1 - power * (((p + 1) * (p + 2)) / 2 - p * (p + 2) * u + ((p * (p + 1)) / 2) * u * u);
}

/** Derivative of {@link envelope}: -p (p+1) (p+2) / 2 u^(p-1) (1-u)^2. */
function envelopeSlope(u: number, p: number): number {
  return u >= 1 ? 0 : -0.5 * p * (p + 1) * (p + 2) * u ** (p - 1) * (1 - u) ** 2;
}

/**
 * Gaussians of a distance, centres evenly from 0 to the cutoff and as wide as they are apart, times the envelope: added to
 * `count` numbers of `out` from `offset` on.
 *
 * @param u distance / cutoff
 * @param p exponent of the envelope
 */
export function addRadialBasis(u: number, count: number, p: number, out: Float32Array, offset: number): void {
  const height = envelope(u, p);
  const at = u * (count - 1);
  const last = Math.min(count - 1, Math.floor(at + WINDOW));
  for (let r = Math.max(0, Math.ceil(at - WINDOW)); r <= last; r++)
    out[offset + r] = (out[offset + r] as number) + height * Math.exp(-0.5 * (at - r) * (at - r));
}

/** d/du of the sum of the functions of {@link addRadialBasis}, each times its weight: `count` weights from `offset` on. */
export function radialBasisSlope(
  u: number,
  count: number,
  p: number,
  weights: ArrayLike<number>,
  offset: number,
): number {
  const height = envelope(u, p);
  const slope = envelopeSlope(u, p);
  const at = u * (count - 1);
  const last = Math.min(count - 1, Math.floor(at + WINDOW));
  let sum = 0;
  for (let r = Math.max(0, Math.ceil(at - WINDOW)); r <= last; r++) {
    const gaussian = Math.exp(-0.5 * (at - r) * (at - r));
    sum += (weights[offset + r] as number) * gaussian * (slope - height * (at - r) * (count - 1));
  }
  return sum;
}
