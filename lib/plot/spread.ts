/** Mean, sample standard deviation (0 for one value), median and quartiles of some numbers, at least one. */
export interface Spread {
  n: number;
  mean: number;
  deviation: number;
  median: number;
  lower: number;
  upper: number;
}

/** null when there is no number. Quantiles are interpolated linearly. */
export function spreadOf(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, v) => sum + v / n, 0);
  const squares = sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const quantile = (p: number): number => {
    const at = p * (n - 1);
    const below = sorted[Math.floor(at)] as number;
    return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] as number) - below);
  };
  return {
    ...{ n, mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 },
    ...{ median: quantile(0.5), lower: quantile(0.25), upper: quantile(0.75) },
  };
}
