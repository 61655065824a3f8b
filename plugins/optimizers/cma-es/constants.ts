/** Constants of the strategy for one dimension and population: Hansen, The CMA evolution strategy: a tutorial, table 1. */
export interface CmaConstants {
  lambda: number;
  /** Weights of the best mu, they sum to 1. */
  weights: Float64Array;
  /** Weights of the others in the covariance, below 0, best first; zeros in sep-CMA-ES. */
  negative: Float64Array;
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
  const raw = Float64Array.from({ length: lambda }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const [best, others] = [raw.slice(0, mu), raw.slice(mu)];
  const weights = best.map((w) => w / total(best));
  const muEff = effective(best);
  const faster = diagonal ? (d + 2) / 3 : 1;
  const cs = (muEff + 2) / (d + muEff + 5);
  const c1 = Math.min(1, (faster * 2) / ((d + 1.3) ** 2 + muEff));
  const cmu = Math.min(1 - c1, (faster * 2 * (muEff - 2 + 1 / muEff)) / ((d + 2) ** 2 + muEff));
  // Tutorial, equations 50 to 53: as much as keeps the covariance positive definite.
  const most = Math.min(1 + c1 / cmu, 1 + (2 * effective(others)) / (muEff + 2), (1 - c1 - cmu) / (d * cmu));
  const scale = diagonal || !(most > 0 && cmu > 0) ? 0 : most / -total(others);
  return {
    lambda,
    weights,
    negative: others.map((w) => scale * w),
    muEff,
    cc: (4 + muEff / d) / (d + 4 + (2 * muEff) / d),
    cs,
    c1,
    cmu,
    damping: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (d + 1)) - 1) + cs,
    chi: Math.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d)),
  };
}

const total = (weights: Float64Array): number => weights.reduce((a, b) => a + b, 0);

/** Variance-effective number of members: (sum w)^2 / sum w^2. */
const effective = (weights: Float64Array): number => total(weights) ** 2 / weights.reduce((s, w) => s + w * w, 0);

/** Members of the first population: 4 + floor(3 ln d). */
export const defaultLambda = (d: number): number => 4 + Math.floor(3 * Math.log(d));
