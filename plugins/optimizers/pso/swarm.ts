import type { BoxMethod, BoxRow, MethodState } from '../box-method.js';
import { populationFor } from '../box-options.js';
import { leastIndex, uniformPoints } from '../unit-points.js';
import type { PsoOptions } from './options.js';

/**
 * v <- w v + c1 r1 (own best - x) + c2 r2 (best heard of - x), x <- x + v, with r1 and r2 uniform per dimension. All
 * particles move, then all are evaluated. First velocities as in Standard PSO 2007: half way to a uniform point. A
 * particle without any success keeps its first point as its best and is heard by nobody.
 */
export class Swarm implements BoxMethod {
  private readonly count: number;
  private x: Float64Array;
  private v: Float64Array;
  private best: Float64Array;
  /** Value at each particle's best point; NaN before its first success. */
  private values: Float64Array;
  private moved: boolean;

  constructor(
    private readonly row: BoxRow,
    private readonly options: PsoOptions,
    saved?: MethodState,
  ) {
    const { dimension: d, rng, start, budget } = row;
    const n = populationFor(options.particles, 10 + Math.floor(2 * Math.sqrt(d)), budget, 2);
    this.count = n;
    if (saved) {
      const { x, v, best, values } = saved.arrays as Record<'x' | 'v' | 'best' | 'values', Float64Array>;
      [this.x, this.v, this.best, this.values] = [x, v, best, values];
      this.moved = saved.values.moved as boolean;
      return;
    }
    this.x = uniformPoints(rng, n, d, options.useStart ? start : null);
    this.v = uniformPoints(rng, n, d).map((u, at) => this.clamp((u - (this.x[at] as number)) / 2));
    this.best = this.x.slice();
    this.values = new Float64Array(n).fill(Number.NaN);
    this.moved = true;
  }

  propose(room: number): Float64Array {
    if (!this.moved) this.move();
    this.moved = true;
    return this.x.slice(0, Math.min(this.count, room) * this.row.dimension);
  }

  learn(points: Float64Array, values: Float64Array): void {
    const d = this.row.dimension;
    values.forEach((value, i) => {
      if (Number.isNaN(value) || value >= (this.values[i] as number)) return;
      this.values[i] = value;
      this.best.set(points.subarray(i * d, (i + 1) * d), i * d);
    });
    this.moved = false;
  }

  state(): MethodState {
    const { x, v, best, values, moved } = this;
    return { values: { moved }, arrays: { x, v, best, values } };
  }

  private move(): void {
    const { row, x, v, best } = this;
    const { inertia, cognitive, social } = this.options;
    const d = row.dimension;
    const all = leastIndex(this.values);
    for (let i = 0; i < this.count; i++) {
      const heard = this.options.topology === 'global' ? all : this.bestOfRing(i);
      for (let j = 0; j < d; j++) {
        const at = i * d + j;
        const from = x[at] as number;
        const own = (best[at] as number) - from;
        const other = heard < 0 ? own : (best[heard * d + j] as number) - from;
        const pull = cognitive * row.rng.uniform() * own + social * row.rng.uniform() * other;
        this.step(at, this.clamp(inertia * (v[at] as number) + pull));
      }
    }
  }

  private step(at: number, velocity: number): void {
    const to = (this.x[at] as number) + velocity;
    const inside = Math.min(1, Math.max(0, to));
    const reflect = this.options.bounds === 'reflect';
    // The largest step is one width: a mirrored particle is inside again.
    this.x[at] = reflect ? 2 * inside - to : inside;
    this.v[at] = to === inside ? velocity : reflect ? -velocity : 0;
  }

  private bestOfRing(i: number): number {
    const reach = Math.min(this.options.neighbours, Math.floor(this.count / 2));
    const ring = Array.from({ length: 2 * reach + 1 }, (_, k) => (i + k - reach + this.count) % this.count);
    const at = leastIndex(ring.map((other) => this.values[other] as number));
    return at < 0 ? -1 : (ring[at] as number);
  }

  private clamp(velocity: number): number {
    const most = this.options.maxVelocity;
    return Math.min(most, Math.max(-most, velocity));
  }
}
