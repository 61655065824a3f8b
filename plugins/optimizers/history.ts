/** Points told so far (n x d) and their values, failures as NaN, in a form that grows. */
export class History {
  private held: Float64Array;
  values: number[];

  constructor(
    readonly dimension: number,
    points: Float64Array = new Float64Array(0),
    values: Float64Array = new Float64Array(0),
  ) {
    this.held = points.slice();
    this.values = [...values];
  }

  get count(): number {
    return this.values.length;
  }

  /** n x d. */
  get points(): Float64Array {
    return this.held.subarray(0, this.count * this.dimension);
  }

  point(i: number): Float64Array {
    return this.held.subarray(i * this.dimension, (i + 1) * this.dimension);
  }

  add(points: Float64Array, values: ArrayLike<number>): void {
    const from = this.count * this.dimension;
    if (from + points.length > this.held.length) {
      const grown = new Float64Array(Math.max(from + points.length, 2 * this.held.length));
      grown.set(this.points);
      this.held = grown;
    }
    this.held.set(points, from);
    for (let i = 0; i < values.length; i++) this.values.push(values[i] as number);
  }

  arrays(): { points: Float64Array; values: Float64Array } {
    return { points: this.points, values: Float64Array.from(this.values) };
  }

  /** Indices from the least value to the largest, equal ones in the order told, failures last. */
  ranked(): number[] {
    const value = (i: number): number => {
      const v = this.values[i] as number;
      return Number.isNaN(v) ? Number.POSITIVE_INFINITY : v;
    };
    return this.values.map((_, i) => i).sort((a, b) => (value(a) === value(b) ? a - b : value(a) - value(b)));
  }
}
