import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import { LCOMS_VERSION } from '../../lib/version.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import type { RunPlan } from '../../schemas/run.js';
import type { Point, SweepPlan } from '../../schemas/sweep.js';
import { trialId } from '../../workflows/sweep-contract.js';
import { makeRunPlan, planNodes } from '../dag/plan-run.js';
import { adaptivePoint } from './batches.js';
import { isAdaptive, pointsOf, seedsOf } from './points.js';
import { trialSpec } from './trial-spec.js';

/** The trials of a launched sweep, by index: point by point, each with every seed. */
export class Trials {
  readonly #points: Point[] | null;

  constructor(
    readonly plan: SweepPlan,
    private readonly store: ObjectStore,
    private readonly registry: PluginRegistry,
  ) {
    this.#points = isAdaptive(plan.spec) ? null : [...pointsOf(plan.spec)];
  }

  /** `waits`: its point follows from trials that have not ended; `none`: there is no such trial. */
  async point(index: number): Promise<Point | 'waits' | 'none'> {
    if (index >= this.plan.trials) return 'none';
    const p = Math.floor(index / seedsOf(this.plan.spec).length);
    if (this.#points) return this.#points[p] ?? 'none';
    return await adaptivePoint(this.plan, p, this.store, this.registry);
  }

  /** The plan of the run of a trial; its files are those that were there when the sweep was launched. */
  async runPlan(index: number, point: Point): Promise<RunPlan> {
    const { spec, sweepId, baseFile, specFile, files, createdAt, environment } = this.plan;
    const seeds = seedsOf(spec);
    const experiment = trialSpec(spec, point, seeds[index % seeds.length] ?? null, specFile);
    const nodes = await planNodes(experiment, this.registry, baseFile, null, { ...files });
    const origin = { specFile: baseFile, createdAt, lcoms: LCOMS_VERSION, ...(environment ? { environment } : {}) };
    const run = { runId: trialId(sweepId, index), ...origin };
    const prune = spec.prune ? { prune: spec.prune } : {};
    return { ...makeRunPlan(experiment, this.registry, nodes, run), trial: { sweepId, index, ...prune } };
  }
}
