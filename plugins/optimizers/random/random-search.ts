import type { BoxMethod, BoxRow } from '../box-method.js';
import { uniformPoints } from '../unit-points.js';

/** Uniform points of the box, `batch` at a time. The start is not evaluated: the best value may lie above it. */
export class RandomSearch implements BoxMethod {
  constructor(
    private readonly row: BoxRow,
    private readonly batch: number,
  ) {}

  propose(room: number): Float64Array {
    return uniformPoints(this.row.rng, Math.min(this.batch, room), this.row.dimension);
  }

  learn(): void {}

  state() {
    return { values: {}, arrays: {} };
  }
}
