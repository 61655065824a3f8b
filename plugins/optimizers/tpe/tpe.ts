import type { BoxMethod, BoxRow, MethodState } from '../box-method.js';
import { History } from '../history.js';
import { uniformPoints } from '../unit-points.js';
import type { TpeOptions } from './options.js';
import { Parzen } from './parzen.js';

/**
 * Tree-structured Parzen estimators over independent dimensions: per dimension the candidate, drawn from the density l
 * of the good points, with the largest l / g, g being the density of all others. Failed evaluations are bad points.
 */
export class Tpe implements BoxMethod {
  private readonly history: History;

  constructor(
    private readonly row: BoxRow,
    private readonly options: TpeOptions,
    saved?: MethodState,
  ) {
    this.history = new History(row.dimension, saved?.arrays.points, saved?.arrays.values);
  }

  propose(room: number): Float64Array {
    const { dimension: d, rng, start } = this.row;
    const { batch, startup, useStart } = this.options;
    const n = this.history.count;
    if (n < startup) {
      const first = n === 0 && useStart ? start : null;
      return uniformPoints(rng, Math.min(batch, room, startup - n), d, first);
    }
    const points = new Float64Array(Math.min(batch, room) * d);
    for (let from = 0; from < points.length; from += d) points.set(this.draw(points.subarray(0, from)), from);
    return points;
  }

  learn(points: Float64Array, values: Float64Array): void {
    this.history.add(points, values);
  }

  state(): MethodState {
    return { values: {}, arrays: this.history.arrays() };
  }

  private draw(pending: Float64Array): Float64Array {
    const { dimension: d, rng } = this.row;
    const good = new Set(this.good());
    const ofGood = [...good].sort((a, b) => a - b).map((i) => this.history.point(i));
    const ofBad = this.history.values.flatMap((_, i) => (good.has(i) ? [] : [this.history.point(i)]));
    for (let at = 0; at < pending.length; at += d) ofBad.push(pending.subarray(at, at + d));
    return Float64Array.from({ length: d }, (_, j) => {
      const column = (points: Float64Array[]) => new Parzen(Float64Array.from(points, (p) => p[j] as number));
      const [l, g] = [column(ofGood), column(ofBad)];
      let best = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < this.options.candidates; c++) {
        const x = l.sample(rng);
        const ratio = l.density(x) / g.density(x);
        if (ratio > most) [best, most] = [x, ratio];
      }
      return best;
    });
  }

  /** The best points, failures never among them. */
  private good(): number[] {
    const { split, gamma, mostGood } = this.options;
    const n = this.history.count;
    const share = Math.ceil(gamma * (split === 'linear' ? n : Math.sqrt(n)));
    return this.history
      .ranked()
      .slice(0, Math.min(share, mostGood))
      .filter((i) => !Number.isNaN(this.history.values[i]));
  }
}
