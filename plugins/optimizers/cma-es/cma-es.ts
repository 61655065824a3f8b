import type { BoxMethod, BoxRow, MethodState } from '../box-method.js';
import { uniformPoints } from '../unit-points.js';
import { type CmaConstants, cmaConstants, defaultLambda } from './constants.js';
import { Covariance } from './covariance.js';
import type { CmaEsOptions } from './options.js';

interface Weighted {
  weight: number;
  y: Float64Array;
}

/** A distribution narrower than this part of the box can't be told apart in single precision. */
const NARROW = 1e-7;
/** Standard deviations stay below half a box: a wider distribution is no different once folded back. */
const WIDE = 0.5;
const ILL = 1e14;

/**
 * (mu/mu_w, lambda)-CMA-ES with negative weights in the covariance. A sample that leaves the box is mirrored at its
 * faces, and learned from where it then lies: the mean never leaves. Failed evaluations rank last and never have a
 * positive weight. A distribution that has collapsed, or whose best value has stayed the same for 10 + 30 d / lambda
 * generations, starts again at a uniform point with twice the population (Auger and Hansen 2005).
 */
export class CmaEs implements BoxMethod {
  private readonly diagonal: boolean;
  private constants: CmaConstants;
  private covariance: Covariance;
  private sigma: number;
  private mean: Float64Array;
  private ps: Float64Array;
  private pc: Float64Array;
  /** Generations since the last restart. */
  private generation: number;
  /** Least value of each of the last generations: all equal where single precision tells points no more apart. */
  private bests: Float64Array;
  /** Steps (x - mean) / sigma of the generation that is asked, lambda x d. */
  private steps: Float64Array;
  /** Evaluate the mean itself first. */
  private first: boolean;

  constructor(
    private readonly row: BoxRow,
    private readonly options: CmaEsOptions,
    saved?: MethodState,
  ) {
    const d = row.dimension;
    this.diagonal = options.covariance === 'diagonal' || (options.covariance === 'auto' && d > 32);
    const { values, arrays } = saved ?? { values: {}, arrays: {} };
    const lambda = (values.lambda as number) ?? (options.population === 'auto' ? defaultLambda(d) : options.population);
    this.constants = cmaConstants(d, lambda, this.diagonal);
    this.covariance = new Covariance(d, this.diagonal, arrays.c);
    this.sigma = (values.sigma as number) ?? options.sigma;
    this.generation = (values.generation as number) ?? 0;
    this.first = (values.first as boolean) ?? options.useStart;
    this.mean = arrays.mean ?? (options.useStart ? row.start.slice() : uniformPoints(row.rng, 1, d));
    this.ps = arrays.ps ?? new Float64Array(d);
    this.pc = arrays.pc ?? new Float64Array(d);
    this.bests = arrays.bests ?? new Float64Array(0);
    this.steps = arrays.steps ?? new Float64Array(0);
  }

  propose(room: number): Float64Array {
    const d = this.row.dimension;
    const n = Math.min(this.constants.lambda, room);
    this.steps = new Float64Array(n * d);
    const z = new Float64Array(d);
    for (let i = this.first ? 1 : 0; i < n; i++) {
      this.row.rng.fillNormal(z);
      this.steps.set(this.covariance.sample(z), i * d);
    }
    this.first = false;
    const points = this.steps.map((y, at) => fold((this.mean[at % d] as number) + this.sigma * y));
    this.steps = points.map((x, at) => (x - (this.mean[at % d] as number)) / this.sigma);
    return points;
  }

  learn(_points: Float64Array, values: Float64Array): void {
    const d = this.row.dimension;
    // What is left of a budget may be less than a generation; nothing comes after it.
    if (values.length < this.constants.lambda) return;
    const succeeded = values.reduce((n, value) => (Number.isNaN(value) ? n : n + 1), 0);
    if (succeeded === 0) return;
    const cost = (i: number) => (Number.isNaN(values[i]) ? Number.POSITIVE_INFINITY : (values[i] as number));
    const ranked = [...values.keys()].sort((a, b) => (cost(a) === cost(b) ? a - b : cost(a) - cost(b)));
    const steps = ranked.map((i) => this.steps.subarray(i * d, (i + 1) * d));
    const { weights, negative } = this.constants;
    const positive = weights.subarray(0, succeeded);
    const total = positive.reduce((a, b) => a + b, 0);
    this.update(
      Array.from(positive, (w, rank) => ({ weight: w / total, y: steps[rank] as Float64Array })),
      Array.from(negative, (weight, k) => ({ weight, y: steps[weights.length + k] as Float64Array })),
    );
    this.bests = Float64Array.of(...this.bests, cost(ranked[0] as number));
    if (this.isOver()) this.restart();
  }

  state(): MethodState {
    const { sigma, generation, first, mean, ps, pc, bests, steps } = this;
    const values = { lambda: this.constants.lambda, sigma, generation, first };
    return { values, arrays: { c: this.covariance.c, mean, ps, pc, bests, steps } };
  }

  private update(best: Weighted[], others: Weighted[]): void {
    const d = this.row.dimension;
    const { muEff, cc, cs, c1, cmu, damping, chi } = this.constants;
    const y = new Float64Array(d);
    for (const { weight, y: step } of best) step.forEach((x, j) => (y[j] = (y[j] as number) + weight * x));
    this.mean = this.mean.map((m, j) => m + this.sigma * (y[j] as number));

    const white = this.covariance.whiten(y);
    this.ps = this.ps.map((p, j) => (1 - cs) * p + Math.sqrt(cs * (2 - cs) * muEff) * (white[j] as number));
    const length = Math.sqrt(this.ps.reduce((sum, p) => sum + p * p, 0));
    this.generation++;
    // The path of C pauses while the step size grows fast.
    const expected = Math.sqrt(1 - (1 - cs) ** (2 * this.generation)) * (1.4 + 2 / (d + 1)) * chi;
    const h = length < expected ? 1 : 0;
    this.pc = this.pc.map((p, j) => (1 - cc) * p + h * Math.sqrt(cc * (2 - cc) * muEff) * (y[j] as number));
    const away = others.map(({ weight, y: step }) => {
      const squared = this.covariance.whiten(step).reduce((sum, x) => sum + x * x, 0);
      return { weight: (cmu * weight * d) / Math.max(squared, 1e-12), y: step };
    });
    const sum = 1 + others.reduce((total, { weight }) => total + weight, 0);
    this.covariance.update(1 - c1 - cmu * sum + (1 - h) * c1 * cc * (2 - cc), [
      { weight: c1, y: this.pc },
      ...best.map(({ weight, y: step }) => ({ weight: cmu * weight, y: step })),
      ...away,
    ]);
    this.sigma *= Math.exp((cs / damping) * (length / chi - 1));
    this.sigma = Math.min(this.sigma, WIDE / this.covariance.spread().largest);
  }

  private isOver(): boolean {
    const { largest, condition } = this.covariance.spread();
    if (!(this.sigma * largest > NARROW) || !(condition < ILL)) return true;
    const generations = 10 + Math.ceil((30 * this.row.dimension) / this.constants.lambda);
    this.bests = this.bests.slice(-generations);
    return this.bests.length === generations && this.bests.every((value) => value === this.bests[0]);
  }

  private restart(): void {
    const d = this.row.dimension;
    this.constants = cmaConstants(d, 2 * this.constants.lambda, this.diagonal);
    this.covariance = new Covariance(d, this.diagonal);
    this.sigma = this.options.sigma;
    this.mean = uniformPoints(this.row.rng, 1, d);
    this.ps = new Float64Array(d);
    this.pc = new Float64Array(d);
    this.generation = 0;
    this.bests = new Float64Array(0);
  }
}

/** Any number mirrored into [0, 1] at 0 and 1. */
function fold(u: number): number {
  const r = Math.abs(u) % 2;
  return r > 1 ? 2 - r : r;
}
