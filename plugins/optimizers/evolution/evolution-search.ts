import type { ScoredCrystal } from '../../../lib/crystal/same-structure.js';
import type { Rng, RngState } from '../../../lib/random/rng.js';
import { decodeSearchState, encodeSearchState } from '../../../lib/search/search-state.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Ask, Search, SearchResult, SearchSpace, Tell } from '../../contract/optimizer.js';
import { populationFor } from '../box-options.js';
import { checkBounds, startRows } from '../starts.js';
import { Nursery, type Tally } from './offspring.js';
import type { EvolutionOptions } from './options.js';
import { Population } from './population.js';

const NAME = 'optimizer/evolution';
/** XtalOpt's pool of parents. */
const POPULATION = 20;
const LEAST = 4;

interface Counts extends Tally {
  duplicates: number;
}

/** The evolution of one start. */
interface Row {
  stream: Rng;
  population: Population;
  /** Lowest energy after each evaluation. */
  trace: Float32Array;
  told: number;
  /** Asked and not told yet. */
  pending: Crystal[];
  counts: Counts;
}

interface SavedRow {
  stream: RngState;
  members: ScoredCrystal[];
  told: number;
  pending: Crystal[];
  counts: Counts;
}

/**
 * One evolution per start, with a stream of its own; of the start itself nothing is taken. Generations of children of the
 * best crystals found so far; what was told of a child, relaxed where the evaluation relaxes, joins the population.
 */
export class EvolutionSearch implements Search {
  private readonly nursery: Nursery;
  private readonly size: number;

  private constructor(
    space: SearchSpace,
    private readonly options: EvolutionOptions,
    private readonly rows: readonly Row[],
  ) {
    if (!space.structures) {
      throw new LcomsError('LCOMS_E_INPUT', `${NAME} moves atoms and cells: it needs a space of structures`);
    }
    this.nursery = new Nursery(space, space.structures, options);
    this.size = sizeFor(options);
  }

  /** @throws LcomsError LCOMS_E_INPUT when starts do not fit the space, or it has no structures or no finite bounds. */
  static begin(space: SearchSpace, starts: Float32Array, options: EvolutionOptions, rng: Rng): EvolutionSearch {
    checkBounds(NAME, space);
    const rows = startRows(NAME, space, starts).map(
      (_, i): Row => ({
        stream: rng.fork(`start-${i}`),
        population: new Population(sizeFor(options), options),
        trace: new Float32Array(options.budget).fill(Number.NaN),
        told: 0,
        pending: [],
        counts: { repaired: 0, rejected: 0, duplicates: 0 },
      }),
    );
    return new EvolutionSearch(space, options, rows);
  }

  static restore(space: SearchSpace, state: Uint8Array, options: EvolutionOptions, rng: Rng): EvolutionSearch {
    const saved = decodeSearchState<{ rows: SavedRow[] }, Record<string, Float32Array>>(NAME, state);
    const rows = saved.values.rows.map(({ stream: words, members, told, pending, counts }, i): Row => {
      const stream = rng.fork(`start-${i}`);
      stream.restore(words);
      const population = new Population(sizeFor(options), options, members);
      return { stream, population, trace: saved.arrays[`${i}.trace`] as Float32Array, told, pending, counts };
    });
    return new EvolutionSearch(space, options, rows);
  }

  get evaluations(): number {
    return this.rows.reduce((sum, { told }) => sum + told, 0);
  }

  get counts(): Readonly<Record<string, number>> {
    const sum = (name: keyof Counts): number => this.rows.reduce((all, { counts }) => all + counts[name], 0);
    return { repaired: sum('repaired'), redrawn: sum('rejected'), duplicates: sum('duplicates') };
  }

  ask(): Ask | null {
    for (const row of this.rows) {
      const room = this.options.budget - row.told;
      if (row.pending.length > 0 || room <= 0) continue;
      const { population, stream, counts } = row;
      row.pending = Array.from({ length: Math.min(this.size, room) }, () =>
        this.nursery.child(population, stream, counts),
      );
    }
    const crystals = this.rows.flatMap(({ pending }) => pending);
    return crystals.length === 0 ? null : { points: new Float32Array(0), gradients: false, crystals };
  }

  /** @throws LcomsError LCOMS_E_INPUT when not every crystal asked for has exactly one value and crystal. */
  tell({ values, crystals }: Tell): void {
    const asked = this.rows.reduce((sum, { pending }) => sum + pending.length, 0);
    if (values.length !== asked || crystals?.length !== asked) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `${NAME} asked for ${asked} evaluations and was told ${values.length} values and ${crystals?.length ?? 0} crystals`,
      );
    }
    let at = 0;
    for (const row of this.rows) {
      for (let end = at + row.pending.length; at < end; at++) {
        const [energyPerAtom, crystal] = [values[at] as number, crystals[at]];
        if (crystal && Number.isFinite(energyPerAtom) && row.population.add({ crystal, energyPerAtom })) {
          row.counts.duplicates++;
        }
        row.trace[row.told++] = row.population.members[0]?.energyPerAtom ?? Number.NaN;
      }
      row.pending = [];
    }
  }

  result(): SearchResult {
    const best = this.rows.map(({ population }) => population.members[0]);
    return {
      points: new Float32Array(0),
      values: Float32Array.from(best, (found) => found?.energyPerAtom ?? Number.NaN),
      trace: this.rows.map(({ trace }) => trace.slice()),
      crystals: best.map((found) => found?.crystal ?? null),
    };
  }

  state(): Uint8Array {
    const rows = this.rows.map(
      ({ stream, population, told, pending, counts }): SavedRow => ({
        stream: stream.state(),
        members: population.members,
        told,
        pending,
        counts,
      }),
    );
    return encodeSearchState(
      NAME,
      { rows },
      Object.fromEntries(this.rows.map(({ trace }, i) => [`${i}.trace`, trace])),
    );
  }
}

const sizeFor = ({ population, budget }: EvolutionOptions): number =>
  populationFor(population, POPULATION, budget, LEAST);
