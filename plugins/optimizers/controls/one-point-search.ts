import { decodeSearchState, encodeSearchState } from '../../../lib/search/search-state.js';
import type { Ask, Search, SearchResult, SearchSpace, Tell } from '../../contract/optimizer.js';
import { toldValues } from '../told-values.js';

/** Proposes one point per start, which chance gave, and evaluates it once: nothing is optimized. */
export class OnePointSearch implements Search {
  constructor(
    private readonly name: string,
    private readonly space: SearchSpace,
    /** k x d. */
    private readonly points: Float32Array,
    /** Empty until told. */
    private values: Float32Array = new Float32Array(0),
  ) {}

  static restore(name: string, space: SearchSpace, state: Uint8Array): OnePointSearch {
    const { arrays } = decodeSearchState<null, { points: Float32Array; values: Float32Array }>(name, state);
    return new OnePointSearch(name, space, arrays.points, arrays.values);
  }

  get evaluations(): number {
    return this.values.length;
  }

  ask(): Ask | null {
    if (this.values.length > 0 || this.points.length === 0) return null;
    return { points: this.points.slice(), gradients: false };
  }

  tell({ values }: Tell): void {
    this.values = toldValues(this.name, values, this.points.length / this.space.dimension);
  }

  result(): SearchResult {
    const rows = this.points.length / this.space.dimension;
    const values = this.values.length > 0 ? this.values : new Float32Array(rows).fill(Number.NaN);
    return { points: this.points.slice(), values: values.slice(), trace: [...values].map((v) => Float32Array.of(v)) };
  }

  state(): Uint8Array {
    const { points, values } = this;
    return encodeSearchState(this.name, null, { points, values });
  }
}
