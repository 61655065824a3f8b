import { millsRatio, normalCdf, normalDensity } from '../../../lib/search/normal.js';

/**
 * Expected improvement below `best` of a normal variable: (best - mean) cdf(z) + std density(z) with
 * z = (best - mean) / std (Jones, Schonlau, Welch 1998, equation 15).
 */
export function expectedImprovement(mean: number, std: number, best: number): number {
  const z = (best - mean) / std;
  return (best - mean) * normalCdf(z) + std * normalDensity(z);
}

/** Its logarithm, which orders points also where expected improvement itself underflows. */
export function logExpectedImprovement(mean: number, std: number, best: number): number {
  const z = (best - mean) / std;
  if (z > -5) return Math.log(expectedImprovement(mean, std, best));
  // 1 + z m(-z) with Mills' ratio m; far out, its asymptotic series, as the difference loses its digits.
  const rest = z > -50 ? 1 + z * millsRatio(-z) : 1 / z ** 2 - 3 / z ** 4 + 15 / z ** 6;
  return Math.log(std) - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI) + Math.log(rest);
}

/** A multiple (by a positive factor) of the gradient of expected improvement: -cdf/density dMean + dStd. */
export function improvementDirection(
  { mean, std, dMean, dStd }: { mean: number; std: number; dMean: Float64Array; dStd: Float64Array },
  best: number,
): Float64Array {
  // Far above the best, cdf / density overflows, and only the mean counts.
  const ratio = millsRatio(Math.max(-30, (mean - best) / std));
  return dMean.map((m, j) => (dStd[j] as number) - ratio * m);
}
