/** A share of some compounds and its uncertainty; all from 0 to 1. */
export interface Share {
  share: number;
  /** The Wilson score interval of one standard deviation. */
  low: number;
  high: number;
}

/**
 * Wilson score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927)) at z = 1, a confidence of 68 %. Unlike sqrt(p (1 - p) / n)
 * it is not nothing where all or none succeed, which groups of five often do.
 *
 * @param won of `n`; a mean over replicates need not be whole
 */
export function wilson(won: number, n: number): Share {
  if (n === 0) return { share: 0, low: 0, high: 1 };
  const share = won / n;
  const centre = (share + 1 / (2 * n)) / (1 + 1 / n);
  const half = Math.sqrt((share * (1 - share)) / n + 1 / (4 * n * n)) / (1 + 1 / n);
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
