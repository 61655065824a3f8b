import { symmetricEigen } from '../../../lib/search/symmetric-eigen.js';

/** The shape of the distribution: C = B D^2 B^T, or its diagonal alone. */
export class Covariance {
  /** d x d, or the d variances. */
  readonly c: Float64Array;
  private axes: Float64Array | null = null;
  /** Square roots of the eigenvalues. */
  private scales = new Float64Array(0);

  constructor(
    private readonly d: number,
    readonly diagonal: boolean,
    saved?: Float64Array,
  ) {
    this.c = saved ?? new Float64Array(diagonal ? d : d * d);
    if (!saved) for (let j = 0; j < d; j++) this.c[diagonal ? j : j * d + j] = 1;
    this.decompose();
  }

  /** B D z: a sample from a standard normal vector. */
  sample(z: Float64Array): Float64Array {
    return this.turn(z.map((x, j) => x * (this.scales[j] as number)));
  }

  /** C^(-1/2) y. */
  whiten(y: Float64Array): Float64Array {
    return this.turn(this.turnBack(y).map((x, j) => x / (this.scales[j] as number)));
  }

  /** C <- keep C + c1 p p^T + sum_i weight_i y_i y_i^T. */
  update(keep: number, terms: readonly { weight: number; y: Float64Array }[]): void {
    const { d, c } = this;
    for (let at = 0; at < c.length; at++) {
      const i = this.diagonal ? at : Math.floor(at / d);
      const j = this.diagonal ? at : at % d;
      let sum = keep * (c[at] as number);
      for (const { weight, y } of terms) sum += weight * (y[i] as number) * (y[j] as number);
      c[at] = sum;
    }
    this.decompose();
  }

  /** Largest standard deviation along an axis, and the ratio of the largest to the least variance. NaN when broken. */
  spread(): { largest: number; condition: number } {
    let [least, largest] = [Number.POSITIVE_INFINITY, 0];
    for (const s of this.scales) {
      if (!(s > 0)) return { largest: Number.NaN, condition: Number.NaN };
      least = Math.min(least, s);
      largest = Math.max(largest, s);
    }
    return { largest, condition: (largest / least) ** 2 };
  }

  private decompose(): void {
    if (this.diagonal) {
      this.scales = this.c.map(Math.sqrt);
      return;
    }
    const { values, vectors } = symmetricEigen(this.c, this.d);
    this.axes = vectors;
    this.scales = values.map(Math.sqrt);
  }

  private turn(x: Float64Array): Float64Array {
    const { d, axes } = this;
    if (!axes) return x;
    return Float64Array.from({ length: d }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (axes[i * d + j] as number) * (x[j] as number);
      return sum;
    });
  }

  private turnBack(x: Float64Array): Float64Array {
    const { d, axes } = this;
    if (!axes) return x;
    return Float64Array.from({ length: d }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += (axes[i * d + j] as number) * (x[i] as number);
      return sum;
    });
  }
}
