import { nearestSquared } from '../../../lib/search/nearest-reference.js';
import { decodeSearchState, encodeSearchState } from '../../../lib/search/search-state.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Ask, Search, SearchResult, SearchSpace, Tell } from '../../contract/optimizer.js';
import { startRows } from '../starts.js';
import { distanceLimits } from './distance-limits.js';
import type { LatentGradientOptions } from './options.js';
import { heldAtEdge, keepInside, type TrustRegion } from './trust-region.js';

const NAME = 'optimizer/latent-gradient';

/** Why a start ended: all its steps, the edge of the training latents, or an evaluation that failed. */
export type Ending = 'steps' | 'distance' | 'failed';

/** A row per start: its last finite point; `trace` holds E(z_0) to E(z_T), NaN after a failure. */
export interface GradientSearchResult extends SearchResult {
  endings: Ending[];
}

interface Walk {
  /** Steps taken. */
  steps: number;
  ending: Ending | null;
}

interface StateArrays extends Record<string, Float32Array> {
  points: Float32Array;
  previous: Float32Array;
  traces: Float32Array;
  /** With a trust region alone: the starts. */
  starts: Float32Array;
}

/**
 * z_{k+1} = z_k - eta dE/dz_k for k starts at a time, each on its own: a start that ends early is asked no more. After
 * the last step the energy of the final point is asked without its gradient. Not kept inside the bounds of the space. With
 * `trust` each step that leaves the ball about its start ends at the nearest point of the ball.
 */
export class GradientSearch implements Search {
  evaluations = 0;

  private constructor(
    private readonly space: SearchSpace,
    private readonly options: LatentGradientOptions,
    private readonly points: Float32Array,
    /** Where each start was before its newest step: it goes back there when the new point can't be evaluated. */
    private readonly previous: Float32Array,
    /** (T + 1) energies per start. */
    private readonly traces: Float32Array,
    private readonly walks: Walk[],
    private readonly eta: number,
    /** Largest distance allowed per start; Infinity without a limit. */
    private readonly limits: readonly number[],
    private readonly trust: TrustRegion | null,
  ) {}

  /** @throws LcomsError LCOMS_E_INPUT when starts do not fit the space, or `stop: distance` lacks training latents. */
  static start(space: SearchSpace, starts: Float32Array, options: LatentGradientOptions): GradientSearch {
    const walks = startRows(NAME, space, starts).map((): Walk => ({ steps: 0, ending: null }));
    const traces = new Float32Array(walks.length * (options.steps + 1)).fill(Number.NaN);
    return new GradientSearch(
      space,
      options,
      starts.slice(),
      starts.slice(),
      traces,
      walks,
      stepSize(space, options),
      distanceLimits(NAME, space, starts, options),
      trustRegion(space, starts.slice(), options),
    );
  }

  static restore(space: SearchSpace, state: Uint8Array, options: LatentGradientOptions): GradientSearch {
    const { values, arrays } = decodeSearchState<
      { walks: Walk[]; evaluations: number; limits: (number | null)[] },
      StateArrays
    >(NAME, state);
    const search = new GradientSearch(
      space,
      options,
      arrays.points,
      arrays.previous,
      arrays.traces,
      values.walks,
      stepSize(space, options),
      values.limits.map((limit) => limit ?? Number.POSITIVE_INFINITY),
      trustRegion(space, arrays.starts, options),
    );
    search.evaluations = values.evaluations;
    return search;
  }

  /** With a trust region: starts that it holds at its edge. */
  get counts(): Readonly<Record<string, number>> {
    return this.trust ? { held: heldAtEdge(this.trust, this.points, this.space.dimension) } : {};
  }

  ask(): Ask | null {
    const active = this.active();
    if (active.length === 0) return null;
    const d = this.space.dimension;
    const points = new Float32Array(active.length * d);
    active.forEach((i, row) => {
      points.set(this.row(this.points, i), row * d);
    });
    // Active starts have all taken the same number of steps.
    return { points, gradients: (this.walks[active[0] as number] as Walk).steps < this.options.steps };
  }

  tell({ values, gradients }: Tell): void {
    const active = this.active();
    if (values.length !== active.length) {
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `${NAME} asked for ${active.length} evaluations and was told ${values.length}`,
      );
    }
    const d = this.space.dimension;
    active.forEach((i, row) => {
      this.evaluations++;
      this.advance(i, values[row] as number, gradients?.subarray(row * d, (row + 1) * d));
    });
  }

  result(): GradientSearchResult {
    const length = this.options.steps + 1;
    const trace = this.walks.map((_, i) => this.traces.slice(i * length, (i + 1) * length));
    return {
      points: this.points.slice(),
      values: Float32Array.from(this.walks, ({ steps }, i) => (trace[i] as Float32Array)[steps] as number),
      trace: trace.map((energies, i) => {
        const { steps, ending } = this.walks[i] as Walk;
        return ending === 'distance' ? energies.fill(energies[steps] as number, steps + 1) : energies;
      }),
      endings: this.walks.map(({ ending }) => ending ?? 'steps'),
    };
  }

  state(): Uint8Array {
    const { walks, evaluations, points, previous, traces } = this;
    // JSON has no Infinity: null stands for no limit.
    const limits = this.limits.map((limit) => (limit === Number.POSITIVE_INFINITY ? null : limit));
    const starts = this.trust && { starts: this.trust.starts };
    return encodeSearchState(NAME, { walks, evaluations, limits }, { points, previous, traces, ...starts });
  }

  private advance(i: number, energy: number, gradient: Float32Array | undefined): void {
    const walk = this.walks[i] as Walk;
    const point = this.row(this.points, i);
    const before = this.row(this.previous, i);
    if (!Number.isFinite(energy)) {
      point.set(before);
      if (walk.steps > 0) walk.steps--;
      walk.ending = 'failed';
      return;
    }
    this.traces[i * (this.options.steps + 1) + walk.steps] = energy;
    if (walk.steps === this.options.steps) {
      walk.ending = 'steps';
      return;
    }
    if (gradient?.length !== point.length || !gradient.every(Number.isFinite)) {
      walk.ending = 'failed';
      return;
    }
    before.set(point);
    for (let j = 0; j < point.length; j++) point[j] = (point[j] as number) - this.eta * (gradient[j] as number);
    // So large a gradient would lead nowhere that can be evaluated.
    if (!point.every(Number.isFinite)) {
      point.set(before);
      walk.ending = 'failed';
      return;
    }
    if (this.trust) keepInside(this.trust, i, point);
    const limit = this.limits[i] as number;
    if (limit < Number.POSITIVE_INFINITY && Math.sqrt(nearestSquared(point, this.space.reference)) > limit) {
      point.set(before);
      walk.ending = 'distance';
      return;
    }
    walk.steps++;
  }

  private active(): number[] {
    return this.walks.flatMap(({ ending }, i) => (ending === null ? [i] : []));
  }

  private row(of: Float32Array, i: number): Float32Array {
    const d = this.space.dimension;
    return of.subarray(i * d, (i + 1) * d);
  }
}

function stepSize(space: SearchSpace, { eta }: LatentGradientOptions): number {
  return eta === 'auto' ? 0.05 * Math.sqrt(space.dimension) : eta;
}

function trustRegion(
  { dimension }: SearchSpace,
  starts: Float32Array,
  { trust }: LatentGradientOptions,
): TrustRegion | null {
  return trust === undefined ? null : { starts, radius: trust * Math.sqrt(dimension) };
}
