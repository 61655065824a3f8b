/** Constants of the strategy for one dimension and population: Hansen, The CMA evolution strategy: a tutorial, table 1. */
export interface CmaConstants {
  lambda: number;
  /** Weights of the best mu, they sum to 1. */
  weights: Float64Array;
  muEff: number;
  cc: number;
  cs: number;
  c1: number;
  cmu: number;
  damping: number;
  /** Expected length of a standard normal vector. */
  chi: number;
}

/** @param diagonal sep-CMA-ES: faster learning rates (Ros and Hansen 2008, equation 5) */
export function cmaConstants(d: number, lambda: number, diagonal: boolean): CmaConstants {
  const mu = Math.floor(lambda / 2);
  const raw = Float64Array.from({ length: mu }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const sum = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((w) => w / sum);
  const muEff = 1 / weights.reduce((s, w) => s + w * w, 0);
  const faster = diagonal ? (d + 2) / 3 : 1;
  const cs = (muEff + 2) / (d + muEff + 5);
  const c1 = Math.min(1, (faster * 2) / ((d + 1.3) ** 2 + muEff));
  return {
    lambda,
    weights,
    muEff,
    cc: (4 + muEff / d) / (d + 4 + (2 * muEff) / d),
    cs,
    c1,
    cmu: Math.min(1 - c1, (faster * 2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff)),
    damping: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cs,
    chi: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  };
}

/** Members of the first population: 4 + floor(3 ln d). */
export const defaultLambda = (d: number): number => 4 + Math.floor(3 * Math.log(d));
