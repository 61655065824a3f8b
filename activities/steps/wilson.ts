/** A share of some compounds and its uncertainty; all from 0 to 1. */
export interface Share {
  share: number;
  /** The Wilson score interval of one standard deviation. */
  low: number;
  high: number;
}

/**
 * Wilson score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927)) at z = 1: a confidence of 68 %. Unlike sqrt(p (1 - p) / n)
 * it is not nothing where all or none succeed, which groups of five often do.
 *
 * @param won of `n`; a mean over replicates need not be whole
 * @param z half width in standard deviations
 */
export function wilson(won: number, n: number, z = 1): Share {
  if (n === 0) return { share: 0, low: 0, high: 1 };
  const share = won / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
