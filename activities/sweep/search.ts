import { Rng } from '../../lib/random/rng.js';
import type { PluginContext } from '../../plugins/contract/context.js';
import type { Optimizer, Search, SearchSpace } from '../../plugins/contract/optimizer.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Point, ResolvedSweep } from '../../schemas/sweep.js';
import { pointFrom } from './points.js';

/** Points asked for at once, and the state to go on from when their values are known. */
export interface Asked {
  points: Point[];
  state: Uint8Array;
}

/**
 * The optimizer of an adaptive sweep over the unit cube, a coordinate an axis; it begins in the middle. The points depend
 * on the seed and the values told alone: not on which trial was done first.
 */
export class SweepSearch {
  private constructor(
    private readonly spec: ResolvedSweep,
    private readonly optimizer: Optimizer,
    private readonly space: SearchSpace,
  ) {}

  /** @throws LcomsError for an optimizer that there is not, wrong options, or one that wants gradients */
  static async open(spec: ResolvedSweep, registry: PluginRegistry, file: string): Promise<SweepSearch> {
    const { search } = spec;
    if (search.method !== 'optimizer') throw new LcomsError('LCOMS_E_INTERNAL', 'the sweep is not adaptive');
    const where = { file, path: 'search.use' };
    const plugin = registry.findKind('optimizer', search.use, where);
    if (plugin.capabilities.gradients)
      throw new LcomsError('LCOMS_E_SPEC', `${search.use} needs gradients, which a sweep does not have`, {
        ...where,
        hint: 'Take optimizer/tpe, optimizer/gp-ei, optimizer/cma-es, optimizer/pso or optimizer/differential-evolution.',
      });
    const budget = 'budget' in plugin.options.shape ? { budget: search.points } : {};
    const { options } = registry.lock(search.use, { ...budget, ...search.with }, { file, path: 'search.with' });
    const optimizer = await plugin.create(plugin.options.parse(options), plainContext(search.seed));
    const d = spec.axes.length;
    const ones = new Float64Array(d).fill(1);
    const space: SearchSpace = {
      kind: 'latent',
      dimension: d,
      lower: new Float64Array(d),
      upper: ones,
      reference: new Float32Array(0),
    };
    return new SweepSearch(spec, optimizer, space);
  }

  /** The first points. */
  first(): Asked {
    return this.#ask(this.optimizer.start(this.space, new Float32Array(this.space.dimension).fill(0.5))) as Asked;
  }

  /** The points after `values` (less is better; NaN: no value) of those asked before; null at the end. */
  next(state: Uint8Array, values: readonly number[]): Asked | null {
    const search = this.optimizer.restore(this.space, state);
    search.ask();
    search.tell({ values: Float32Array.from(values) });
    return this.#ask(search);
  }

  #ask(search: Search): Asked | null {
    const asked = search.ask();
    if (asked === null) return null;
    const d = this.space.dimension;
    const points = Array.from({ length: asked.points.length / d }, (_, i) =>
      pointFrom(
        this.spec,
        Array.from(asked.points.subarray(i * d, (i + 1) * d), (u) => Math.min(1, Math.max(0, u))),
      ),
    );
    return { points, state: search.state() };
  }
}

/** An optimizer of a sweep decides between trials: it has neither files, device nor checkpoints of its own. */
function plainContext(seed: number): PluginContext {
  const nothing = (): void => undefined;
  return {
    signal: new AbortController().signal,
    log: { info: nothing, warn: nothing },
    rng: Rng.from(`sweep-search/${seed}`),
    checkpoint: { latest: async () => null, due: () => false, save: async () => undefined },
    report: nothing,
    tick: nothing,
    tmpDir: '',
    files: {},
    device: null,
    temporal: null,
  };
}
