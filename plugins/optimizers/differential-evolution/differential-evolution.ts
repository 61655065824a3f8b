import type { BoxMethod, BoxRow, MethodState } from '../box-method.js';
import { populationFor } from '../box-options.js';
import { leastIndex, uniformPoints } from '../unit-points.js';
import type { DifferentialEvolutionOptions } from './options.js';

/**
 * rand/1/bin and best/1/bin: trial = base + F (b - c) with at least one coordinate crossed in; it takes its parent's
 * place when it is no worse. A member whose evaluation failed gives way to any trial that succeeds.
 */
export class DifferentialEvolution implements BoxMethod {
  private readonly count: number;
  private members: Float64Array;
  /** Infinity where nothing has succeeded yet. */
  private values: Float64Array;
  /** False while the first population is not evaluated. */
  private begun: boolean;

  constructor(
    private readonly row: BoxRow,
    private readonly options: DifferentialEvolutionOptions,
    saved?: MethodState,
  ) {
    const { dimension: d, rng, start, budget } = row;
    this.count = populationFor(options.population, 10 * d, budget, 4);
    this.begun = (saved?.values.begun as boolean | undefined) ?? false;
    this.members = saved?.arrays.members ?? uniformPoints(rng, this.count, d, options.useStart ? start : null);
    this.values = saved?.arrays.values ?? new Float64Array(this.count).fill(Number.POSITIVE_INFINITY);
  }

  propose(room: number): Float64Array {
    const d = this.row.dimension;
    const n = Math.min(this.count, room);
    if (!this.begun) return this.members.slice(0, n * d);
    const best = leastIndex(this.values);
    const trials = new Float64Array(n * d);
    for (let i = 0; i < n; i++) {
      const [r1, b, c] = this.others(i) as [number, number, number];
      const base = this.options.base === 'best' ? best : r1;
      const crossed = this.row.rng.int(d);
      for (let j = 0; j < d; j++) {
        const fromMutant = this.row.rng.uniform() < this.options.crossover || j === crossed;
        trials[i * d + j] = fromMutant ? this.mutant(base, b, c, j) : this.at(i, j);
      }
    }
    return trials;
  }

  learn(points: Float64Array, values: Float64Array): void {
    const d = this.row.dimension;
    values.forEach((value, i) => {
      if (Number.isNaN(value) || value > (this.values[i] as number)) return;
      this.values[i] = value;
      this.members.set(points.subarray(i * d, (i + 1) * d), i * d);
    });
    this.begun = true;
  }

  state(): MethodState {
    return { values: { begun: this.begun }, arrays: { members: this.members, values: this.values } };
  }

  private mutant(base: number, b: number, c: number, j: number): number {
    const from = this.at(base, j);
    const to = from + this.options.weight * (this.at(b, j) - this.at(c, j));
    if (to >= 0 && to <= 1) return to;
    const u = this.row.rng.uniform();
    return this.options.bounds === 'redraw' ? u : from + u * ((to < 0 ? 0 : 1) - from);
  }

  private at(i: number, j: number): number {
    return this.members[i * this.row.dimension + j] as number;
  }

  /** Three different members, none of them `i`. */
  private others(i: number): number[] {
    const chosen: number[] = [];
    while (chosen.length < 3) {
      const r = this.row.rng.int(this.count);
      if (r !== i && !chosen.includes(r)) chosen.push(r);
    }
    return chosen;
  }
}
