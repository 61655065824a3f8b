import { BoxSearch, definePlugin } from 'lcoms';
import { z } from 'zod';

/**
 * Downhill from one start: a random move from the best point, kept when it is lower. Points lie in the unit cube; BoxSearch
 * takes care of the box, the budget, failed evaluations and saved states.
 */
class HillClimb {
  constructor(row, step, saved) {
    this.row = row;
    this.step = step;
    this.best = saved?.arrays.best ?? row.start;
    /** null before the first success. */
    this.value = saved?.values.value ?? null;
    this.begun = saved?.values.begun ?? false;
  }

  /** The start first, then one move at a time. */
  propose() {
    if (!this.begun) return this.best.slice();
    return this.best.map((x) => Math.min(1, Math.max(0, x + this.step * this.row.rng.normal())));
  }

  /** A failed evaluation is NaN, which is not lower than anything. */
  learn(point, [value]) {
    this.begun = true;
    if (!(value < (this.value ?? Number.POSITIVE_INFINITY))) return;
    this.best = point.slice();
    this.value = value;
  }

  state() {
    return { values: { value: this.value, begun: this.begun }, arrays: { best: this.best } };
  }
}

export default definePlugin({
  apiVersion: 1,
  kind: 'optimizer',
  name: 'hill-climb',
  version: '1.0.0',
  cacheVersion: 1,
  summary: 'Random moves from the best point, kept when they are lower',
  cite: [],
  options: z.strictObject({
    budget: z.number().int().min(1).default(50).describe('evaluations per start'),
    step: z.number().positive().default(0.1).describe('standard deviation of a move, as part of the width of the box'),
  }),
  capabilities: { spaces: ['latent', 'structure'] },
  create: ({ budget, step }, { rng }) =>
    BoxSearch.optimizer('optimizer/hill-climb', budget, rng, (row, saved) => new HillClimb(row, step, saved)),
});
