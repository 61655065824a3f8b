import { cholesky, inverseFromCholesky, solveLower, solveUpper } from '../../../lib/search/cholesky.js';
import { rprop } from '../rprop.js';
import { matern, maternSlope, scaledSquare } from './matern.js';

/** Log length scales (one, or one per dimension), then the log of the noise variance over the signal variance. */
export type Hyperparameters = Float64Array;

const LOG_NOISE = { least: Math.log(1e-6), most: Math.log(0.1), first: Math.log(1e-4) };
const LOG_LENGTH = { least: Math.log(0.01), most: Math.log(100) };
/** Spread of the prior of log length scales. */
const PRIOR_VARIANCE = 3;

/** The prior's centre: length scales grow with the root of d (Hvarfner, Hellsten, Nardi 2024). */
const priorCentre = (d: number): number => Math.SQRT2 + Math.log(d) / 2;

export function firstHyperparameters(d: number, ard: boolean): Hyperparameters {
  const lengths = new Array<number>(ard ? d : 1).fill(Math.log(0.5) + Math.log(d) / 2);
  return Float64Array.of(...lengths, LOG_NOISE.first);
}

/**
 * A Gaussian process with a Matern 5/2 kernel over n points (n x d) with standardised values. Its signal variance is
 * the one of greatest likelihood, y^T A^-1 y / n, where A is the correlation matrix plus noise.
 */
export class GaussianProcess {
  private readonly inverseSquares: Float64Array;
  private readonly factor: Float64Array;
  private readonly alpha: Float64Array;
  private readonly signal: number;
  private readonly n: number;

  constructor(
    private readonly points: Float64Array,
    y: Float64Array,
    private readonly d: number,
    private readonly theta: Hyperparameters,
  ) {
    const n = y.length;
    this.n = n;
    const lengths = theta.length - 1;
    this.inverseSquares = Float64Array.from({ length: d }, (_, j) =>
      Math.exp(-2 * (theta[Math.min(j, lengths - 1)] as number)),
    );
    const noise = Math.exp(theta[lengths] as number);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) a[i * n + k] = matern(scaledSquare(points, i, points, k, this.inverseSquares));
      a[i * n + i] = 1 + noise;
    }
    // The noise keeps the least eigenvalue over 1e-6, far from what rounding can spoil.
    this.factor = cholesky(a, n) as Float64Array;
    this.alpha = solveUpper(this.factor, n, solveLower(this.factor, n, y));
    this.signal = Math.max(1e-12, y.reduce((sum, v, i) => sum + v * (this.alpha[i] as number), 0) / n);
  }

  /** Log of marginal likelihood times prior, up to a constant. */
  logPosterior(): number {
    let log = -0.5 * this.n * Math.log(this.signal);
    for (let i = 0; i < this.n; i++) log -= Math.log(this.factor[i * this.n + i] as number);
    const centre = priorCentre(this.d);
    for (let j = 0; j < this.theta.length - 1; j++) {
      log -= ((this.theta[j] as number) - centre) ** 2 / (2 * PRIOR_VARIANCE);
    }
    return log;
  }

  /** d logPosterior / d theta. */
  gradient(): Float64Array {
    const { n, d, alpha, signal, points, inverseSquares, theta } = this;
    const lengths = theta.length - 1;
    const inverse = inverseFromCholesky(this.factor, n);
    const out = new Float64Array(theta.length);
    const w = (i: number, k: number) =>
      ((alpha[i] as number) * (alpha[k] as number)) / signal - (inverse[i * n + k] as number);
    let trace = 0;
    for (let i = 0; i < n; i++) {
      trace += w(i, i);
      for (let k = 0; k < i; k++) {
        const f = w(i, k) * maternSlope(scaledSquare(points, i, points, k, inverseSquares));
        for (let j = 0; j < d; j++) {
          const step = (points[i * d + j] as number) - (points[k * d + j] as number);
          const at = Math.min(j, lengths - 1);
          out[at] = (out[at] as number) + f * step * step * (inverseSquares[j] as number);
        }
      }
    }
    for (let j = 0; j < lengths; j++) {
      out[j] = (out[j] as number) - ((theta[j] as number) - priorCentre(d)) / PRIOR_VARIANCE;
    }
    out[lengths] = 0.5 * trace * Math.exp(theta[lengths] as number);
    return out;
  }

  /** Mean and standard deviation of the function, without noise, at x; with their gradients when asked. */
  predict(x: Float64Array, gradients = false) {
    const { n, d, points, inverseSquares, alpha, signal } = this;
    const k = new Float64Array(n);
    let mean = 0;
    for (let i = 0; i < n; i++) {
      k[i] = matern(scaledSquare(points, i, x, 0, inverseSquares));
      mean += (k[i] as number) * (alpha[i] as number);
    }
    const half = solveLower(this.factor, n, k);
    const explained = half.reduce((sum, v) => sum + v * v, 0);
    const std = Math.sqrt(signal * Math.max(1e-12, 1 - explained));
    if (!gradients) return { mean, std, dMean: null, dStd: null };
    const whole = solveUpper(this.factor, n, half);
    const dMean = new Float64Array(d);
    const dStd = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const slope = maternSlope(scaledSquare(points, i, x, 0, inverseSquares));
      for (let j = 0; j < d; j++) {
        const dk = -slope * ((x[j] as number) - (points[i * d + j] as number)) * (inverseSquares[j] as number);
        dMean[j] = (dMean[j] as number) + dk * (alpha[i] as number);
        dStd[j] = (dStd[j] as number) - (signal / std) * dk * (whole[i] as number);
      }
    }
    return { mean, std, dMean, dStd };
  }
}

/** The best hyperparameters that `rounds` Rprop steps from `theta` meet. Deterministic. */
export function fitHyperparameters(
  points: Float64Array,
  y: Float64Array,
  d: number,
  theta: Hyperparameters,
  rounds: number,
): Hyperparameters {
  const bound = (length: number, noise: number) => theta.map((_, j) => (j < theta.length - 1 ? length : noise));
  let best = theta;
  let most = Number.NEGATIVE_INFINITY;
  const climb = (at: Float64Array) => {
    const process = new GaussianProcess(points, y, d, at);
    const log = process.logPosterior();
    if (log > most) [best, most] = [at, log];
    return process.gradient();
  };
  const lower = bound(LOG_LENGTH.least, LOG_NOISE.least);
  const upper = bound(LOG_LENGTH.most, LOG_NOISE.most);
  for (const _ of rprop(theta, lower, upper, 0.3, rounds, climb));
  return best;
}
