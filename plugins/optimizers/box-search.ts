import type { Rng, RngState } from '../../lib/random/rng.js';
import { decodeSearchState, encodeSearchState } from '../../lib/search/search-state.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Ask, Optimizer, Search, SearchResult, SearchSpace, Tell } from '../contract/optimizer.js';
import type { BoxMethod, BoxRow, MakeMethod, MethodState } from './box-method.js';
import { checkBounds, startRows } from './starts.js';

/** What a row has found: its best point (in the space), the value there, and the best value after each evaluation. */
interface Found {
  best: Float32Array;
  value: number;
  trace: Float32Array;
  told: number;
  /** Points in the unit cube that were asked and not told yet. */
  pending: Float64Array;
}

interface SavedRow {
  method: MethodState['values'];
  stream: RngState;
  told: number;
}

/**
 * Any derivative-free search of the box: `make` gives a method to each start, with a stream of its own, so that a start
 * finds the same whatever the others are. Here are what all methods share: the budget, kept exactly; the best point
 * evaluated; failures (NaN and infinite values), which are never best; saved states. A row whose evaluations all failed
 * gives back its start with the value NaN.
 */
export class BoxSearch implements Search {
  private asked: Float32Array | null = null;

  private constructor(
    private readonly optimizer: string,
    private readonly space: SearchSpace,
    private readonly budget: number,
    private readonly rows: readonly { method: BoxMethod; stream: Rng; found: Found }[],
  ) {}

  /**
   * @param optimizer id of the plugin, for messages and states
   * @param budget evaluations per start
   * @throws LcomsError LCOMS_E_INPUT when starts do not fit the space, or its bounds are reversed or not finite.
   */
  static optimizer(optimizer: string, budget: number, rng: Rng, make: MakeMethod): Optimizer {
    return {
      start: (space, starts) => {
        checkBounds(optimizer, space);
        const rows = startRows(optimizer, space, starts).map((start, i) => {
          const trace = new Float32Array(budget).fill(Number.NaN);
          const found = { best: start.slice(), value: Number.NaN, trace, told: 0, pending: new Float64Array(0) };
          const stream = rng.fork(`start-${i}`);
          return { method: make(unitRow(space, start, stream, budget)), stream, found };
        });
        return new BoxSearch(optimizer, space, budget, rows);
      },
      restore: (space, state) => {
        const saved = decodeSearchState<{ rows: SavedRow[] }, Record<string, Float32Array | Float64Array>>(
          tag(optimizer),
          state,
        );
        const rows = saved.values.rows.map(({ method: values, stream: words, told }, i) => {
          const arrays: MethodState['arrays'] = {};
          for (const [name, array] of Object.entries(saved.arrays)) {
            if (name.startsWith(`${i}.method.`)) arrays[name.slice(`${i}.method.`.length)] = array as Float64Array;
          }
          const stream = rng.fork(`start-${i}`);
          const found: Found = {
            best: saved.arrays[`${i}.best`] as Float32Array,
            value: (saved.arrays[`${i}.value`] as Float32Array)[0] as number,
            trace: saved.arrays[`${i}.trace`] as Float32Array,
            told,
            pending: saved.arrays[`${i}.pending`] as Float64Array,
          };
          // Until something is told the best point is the start, and later no method looks at its start.
          const method = make(unitRow(space, found.best, stream, budget), { values, arrays });
          // After the method is made: making one may draw.
          stream.restore(words);
          return { method, stream, found };
        });
        return new BoxSearch(optimizer, space, budget, rows);
      },
    };
  }

  get evaluations(): number {
    return this.rows.reduce((sum, { found }) => sum + found.told, 0);
  }

  ask(): Ask | null {
    if (this.rows.every(({ found }) => found.told === this.budget)) return null;
    if (this.asked === null) {
      for (const { method, found } of this.rows) {
        const room = this.budget - found.told;
        if (room > 0 && found.pending.length === 0) found.pending = method.propose(room);
      }
      this.asked = Float32Array.from(this.rows.flatMap(({ found }) => this.place(found.pending)));
    }
    return { points: this.asked.slice(), gradients: false };
  }

  /** @throws LcomsError LCOMS_E_INPUT when not every point asked has exactly one value. */
  tell({ values }: Tell): void {
    const d = this.space.dimension;
    const asked = this.asked ?? this.ask()?.points ?? new Float32Array(0);
    if (values.length !== asked.length / d) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `${this.optimizer} asked for ${asked.length / d} evaluations and was told ${values.length}`,
      );
    }
    let at = 0;
    for (const { method, found } of this.rows) {
      const count = found.pending.length / d;
      if (count === 0) continue;
      const told = Float64Array.from(values.subarray(at, at + count), (v) => (Number.isFinite(v) ? v : Number.NaN));
      told.forEach((value, row) => {
        if (!Number.isNaN(value) && !(value >= found.value)) {
          found.value = value;
          found.best.set(asked.subarray((at + row) * d, (at + row + 1) * d));
        }
        found.trace[found.told++] = found.value;
      });
      method.learn(found.pending, told);
      found.pending = new Float64Array(0);
      at += count;
    }
    this.asked = null;
  }

  result(): SearchResult {
    return {
      points: Float32Array.from(this.rows.flatMap(({ found }) => [...found.best])),
      values: Float32Array.from(this.rows, ({ found }) => found.value),
      trace: this.rows.map(({ found }) => found.trace.slice()),
    };
  }

  state(): Uint8Array {
    const arrays: Record<string, Float32Array | Float64Array> = {};
    const rows = this.rows.map(({ method, stream, found }, i): SavedRow => {
      const state = method.state();
      for (const [name, array] of Object.entries(state.arrays)) arrays[`${i}.method.${name}`] = array;
      arrays[`${i}.best`] = found.best;
      arrays[`${i}.value`] = Float32Array.of(found.value);
      arrays[`${i}.trace`] = found.trace;
      arrays[`${i}.pending`] = found.pending;
      return { method: state.values, stream: stream.state(), told: found.told };
    });
    return encodeSearchState(tag(this.optimizer), { rows }, arrays);
  }

  /** Points of the unit cube in the space. */
  private place(unit: Float64Array): number[] {
    const { dimension: d, lower, upper } = this.space;
    return Array.from(unit, (u, at) => {
      const low = lower[at % d] as number;
      return low + u * ((upper[at % d] as number) - low);
    });
  }
}

const tag = (optimizer: string): string => `box search of ${optimizer}`;

function unitRow(space: SearchSpace, start: Float32Array, rng: Rng, budget: number): BoxRow {
  const { dimension, lower, upper } = space;
  const unit = Float64Array.from(start, (x, j) => {
    const low = lower[j] as number;
    const width = (upper[j] as number) - low;
    return width > 0 ? Math.min(1, Math.max(0, (x - low) / width)) : 0;
  });
  return { dimension, start: unit, rng, budget };
}
