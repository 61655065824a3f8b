import type { BoxMethod, BoxRow, MethodState } from '../box-method.js';
import { History } from '../history.js';
import { rprop } from '../rprop.js';
import { leastIndex, uniformPoints } from '../unit-points.js';
import { improvementDirection, logExpectedImprovement } from './expected-improvement.js';
import { firstHyperparameters, fitHyperparameters, GaussianProcess, type Hyperparameters } from './gaussian-process.js';
import { latinHypercube } from './latin-hypercube.js';
import type { GpEiOptions } from './options.js';

/** Hyperparameters are fitted anew when there are this many times the points of the last fit. */
const REFIT = 1.1;
const FIT_ROUNDS = 25;
const CLIMBS = 4;
const CLIMB_ROUNDS = 20;
/** Candidates around the best point: a quarter of them, normal with these deviations by turns. */
const NEAR = [0.003, 0.01, 0.03, 0.1];

/**
 * Bayesian optimization with a Gaussian process and expected improvement. Values are standardised; a failed evaluation
 * enters the model as the worst value seen, so that the search keeps away from it.
 */
export class GpSearch implements BoxMethod {
  private readonly history: History;
  private theta: Hyperparameters;
  /** Points of the last fit; 0 before the first. */
  private fitted: number;
  /** The first points, startup x d. */
  private readonly design: Float64Array;

  constructor(
    private readonly row: BoxRow,
    private readonly options: GpEiOptions,
    saved?: MethodState,
  ) {
    const { dimension: d, rng, start, budget } = row;
    const { ard, startup, useStart } = options;
    this.history = new History(d, saved?.arrays.points, saved?.arrays.values);
    this.theta = saved?.arrays.theta ?? firstHyperparameters(d, ard);
    this.fitted = (saved?.values.fitted as number) ?? 0;
    this.design = saved?.arrays.design ?? latinHypercube(rng, Math.min(startup, budget), d, useStart ? start : null);
  }

  propose(room: number): Float64Array {
    const { dimension: d, rng } = this.row;
    const n = this.history.count;
    const count = Math.min(this.options.batch, room);
    if (n * d < this.design.length) return this.design.slice(n * d, Math.min(n + count, this.design.length / d) * d);
    const points = new Float64Array(count * d);
    for (let from = 0; from < points.length; from += d) {
      const data = this.data(points.subarray(0, from));
      points.set(data ? this.mostImproving(data) : uniformPoints(rng, 1, d), from);
    }
    return points;
  }

  learn(points: Float64Array, values: Float64Array): void {
    this.history.add(points, values);
  }

  state(): MethodState {
    const { theta, fitted, design } = this;
    return { values: { fitted }, arrays: { ...this.history.arrays(), theta, design } };
  }

  /** What the model sees, pending points as the best value; null while nothing has succeeded. */
  private data(pending: Float64Array): { points: Float64Array; y: Float64Array } | null {
    const { history } = this;
    const d = this.row.dimension;
    const kept = this.kept();
    const finite = kept.map((i) => history.values[i] as number).filter((v) => !Number.isNaN(v));
    if (finite.length === 0) return null;
    const mean = finite.reduce((a, b) => a + b, 0) / finite.length;
    const std = Math.sqrt(finite.reduce((sum, v) => sum + (v - mean) ** 2, 0) / finite.length) || 1;
    const [best, worst] = [Math.min(...finite), Math.max(...finite)];
    const told = kept.map((i) => history.values[i] as number).map((v) => (Number.isNaN(v) ? worst : v));
    const points = new Float64Array(kept.length * d + pending.length);
    kept.forEach((i, at) => points.set(history.point(i), at * d));
    points.set(pending, kept.length * d);
    const lies = new Array<number>(pending.length / d).fill(best);
    return { points, y: Float64Array.from([...told, ...lies], (v) => (v - mean) / std) };
  }

  private kept(): number[] {
    const most = this.options.maxPoints;
    const n = this.history.count;
    if (n <= most) return [...this.history.values.keys()];
    const kept = new Set(this.history.ranked().slice(0, Math.floor(most / 2)));
    for (let i = n - 1; kept.size < most; i--) kept.add(i);
    return [...kept].sort((a, b) => a - b);
  }

  private mostImproving({ points, y }: { points: Float64Array; y: Float64Array }): Float64Array {
    const d = this.row.dimension;
    if (this.history.count >= REFIT * this.fitted) {
      this.theta = fitHyperparameters(points, y, d, this.theta, FIT_ROUNDS);
      this.fitted = this.history.count;
    }
    const process = new GaussianProcess(points, y, d, this.theta);
    const at = leastIndex(y);
    const target = (y[at] as number) - this.options.xi;
    const gain = (x: Float64Array) => {
      const { mean, std } = process.predict(x);
      return logExpectedImprovement(mean, std, target);
    };
    const tried = this.candidates(points.subarray(at * d, (at + 1) * d)).map((x) => ({ x, gain: gain(x) }));
    tried.sort((a, b) => b.gain - a.gain);
    const [lower, upper] = [new Float64Array(d), new Float64Array(d).fill(1)];
    for (const { x } of tried.slice(0, CLIMBS)) {
      const climb = (from: Float64Array) => {
        const { mean, std, dMean, dStd } = process.predict(from, true);
        return improvementDirection({ mean, std, dMean: dMean as Float64Array, dStd: dStd as Float64Array }, target);
      };
      for (const reached of rprop(x, lower, upper, 0.01, CLIMB_ROUNDS, climb)) {
        tried.push({ x: reached, gain: gain(reached) });
      }
    }
    return tried.reduce((most, one) => (one.gain > most.gain ? one : most)).x;
  }

  private candidates(best: Float64Array): Float64Array[] {
    const { dimension: d, rng } = this.row;
    return Array.from({ length: this.options.candidates }, (_, c) => {
      if (c % 4 !== 0) return uniformPoints(rng, 1, d);
      const width = NEAR[(c / 4) % NEAR.length] as number;
      return best.map((x) => Math.min(1, Math.max(0, x + width * rng.normal())));
    });
  }
}
