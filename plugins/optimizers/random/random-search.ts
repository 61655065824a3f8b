import type { Rng, RngState } from '../../../lib/random/rng.js';
import { decodeSearchState, encodeSearchState } from '../../../lib/search/search-state.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Ask, Search, SearchResult, SearchSpace, Tell } from '../../contract/optimizer.js';
import { startRows } from '../starts.js';
import { toldValues } from '../told-values.js';

const NAME = 'optimizer/random';

interface RandomSearchOptions {
  /** Evaluations per start. */
  budget: number;
  /** Points per start and ask. */
  batch: number;
}

interface StateArrays extends Record<string, Float32Array> {
  best: Float32Array;
  values: Float32Array;
  traces: Float32Array;
  asked: Float32Array;
}

/**
 * Uniform points of the box, each start's from a stream of its own, so that a start finds the same whatever the others
 * are. The starts themselves are not evaluated: a row's best value may lie above its start's. A row whose evaluations
 * all failed gives back its start with the value NaN.
 */
export class RandomSearch implements Search {
  private constructor(
    private readonly space: SearchSpace,
    private readonly options: RandomSearchOptions,
    private readonly streams: readonly Rng[],
    /** Best point so far, k x d; the start before any success. */
    private readonly best: Float32Array,
    private readonly values: Float32Array,
    /** Best value so far after each evaluation, k x budget. */
    private readonly traces: Float32Array,
    /** Points that were asked and not told yet. */
    private asked: Float32Array,
    /** Evaluations told per start. */
    private told: number,
  ) {}

  /** @throws LcomsError LCOMS_E_INPUT when starts do not fit the space or its bounds are not finite. */
  static start(space: SearchSpace, starts: Float32Array, options: RandomSearchOptions, rng: Rng): RandomSearch {
    const rows = startRows(NAME, space, starts);
    if (![...space.lower, ...space.upper].every(Number.isFinite)) {
      throw new LcomsError('LCOMS_E_INPUT', `${NAME} needs a search space with finite bounds`);
    }
    const streams = rows.map((_, i) => rng.fork(`start-${i}`));
    const values = new Float32Array(rows.length).fill(Number.NaN);
    const traces = new Float32Array(rows.length * options.budget).fill(Number.NaN);
    return new RandomSearch(space, options, streams, starts.slice(), values, traces, new Float32Array(0), 0);
  }

  static restore(space: SearchSpace, state: Uint8Array, options: RandomSearchOptions, rng: Rng): RandomSearch {
    const { values, arrays } = decodeSearchState<{ told: number; streams: RngState[] }, StateArrays>(NAME, state);
    const streams = values.streams.map((words, i) => {
      const stream = rng.fork(`start-${i}`);
      stream.restore(words);
      return stream;
    });
    const { best, values: bestValues, traces, asked } = arrays;
    return new RandomSearch(space, options, streams, best, bestValues, traces, asked, values.told);
  }

  get evaluations(): number {
    return this.told * this.streams.length;
  }

  ask(): Ask | null {
    const { dimension: d, lower, upper } = this.space;
    const count = Math.min(this.options.batch, this.options.budget - this.told);
    if (count === 0 || this.streams.length === 0) return null;
    if (this.asked.length === 0) {
      this.asked = new Float32Array(this.streams.length * count * d);
      let at = 0;
      for (const stream of this.streams) {
        for (let c = 0; c < count; c++) {
          for (let j = 0; j < d; j++) {
            const low = lower[j] as number;
            this.asked[at++] = low + stream.uniform() * ((upper[j] as number) - low);
          }
        }
      }
    }
    return { points: this.asked.slice(), gradients: false };
  }

  tell({ values }: Tell): void {
    const d = this.space.dimension;
    const told = toldValues(NAME, values, this.asked.length / d);
    const count = told.length / this.streams.length;
    told.forEach((value, row) => {
      const i = Math.floor(row / count);
      const best = this.values[i] as number;
      if (Number.isFinite(value) && !(value >= best)) {
        this.values[i] = value;
        this.best.set(this.asked.subarray(row * d, (row + 1) * d), i * d);
      }
      this.traces[i * this.options.budget + this.told + (row % count)] = this.values[i] as number;
    });
    this.told += count;
    this.asked = new Float32Array(0);
  }

  result(): SearchResult {
    const { budget } = this.options;
    return {
      points: this.best.slice(),
      values: this.values.slice(),
      trace: this.streams.map((_, i) => this.traces.slice(i * budget, (i + 1) * budget)),
    };
  }

  state(): Uint8Array {
    const { told, streams, best, values, traces, asked } = this;
    const words = streams.map((stream) => stream.state());
    return encodeSearchState(NAME, { told, streams: words }, { best, values, traces, asked });
  }
}
