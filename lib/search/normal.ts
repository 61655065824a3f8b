/** The standard normal distribution, to about 1e-14 of its values, far tails included. */

const ROOT_2PI = Math.sqrt(2 * Math.PI);

/** Density at z. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / ROOT_2PI;

/** Below this the series loses no digit and ends soon; above it the continued fraction converges. */
const TAIL = 2.5;

/**
 * Probability of a value below z: the series of Abramowitz and Stegun 26.2.11 in the middle, their continued fraction
 * 26.2.14 in the tails.
 */
export function normalCdf(z: number): number {
  if (z < -TAIL) return normalDensity(z) * millsRatio(-z);
  if (z > TAIL) return 1 - normalDensity(z) * millsRatio(z);
  let term = z;
  let sum = z;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

/** (1 - cdf(z)) / density(z) for any z that is not far below 0; finite where both underflow. */
export function millsRatio(z: number): number {
  if (z <= TAIL) return (1 - normalCdf(z)) / normalDensity(z);
  // Lentz: 1 / (z + 1 / (z + 2 / (z + 3 / ...)))
  let f = z;
  let c = z;
  let d = 0;
  for (let n = 1; n < 500; n++) {
    d = 1 / (z + n * d);
    c = z + n / c;
    f *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return 1 / f;
}
