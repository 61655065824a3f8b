import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import type { Point, SweepPlan, TrialRecord } from '../../schemas/sweep.js';
import { seedsOf } from './points.js';
import { SweepSearch } from './search.js';
import { type Batch, readBatch, readTrial, searchStateKey, writeBatch } from './sweep-files.js';

/**
 * A point of an adaptive sweep, asking the optimizer when all trials of the batches before have ended.
 * @returns `waits`: they have not; `none`: the optimizer has asked its last
 */
export async function adaptivePoint(
  plan: SweepPlan,
  index: number,
  store: ObjectStore,
  registry: PluginRegistry,
): Promise<Point | 'waits' | 'none'> {
  for (let b = 0, before: Batch | null = null; ; b++) {
    const batch: Batch | 'waits' =
      (await readBatch(store, plan.sweepId, b)) ?? (await ask(plan, b, before, store, registry));
    if (batch === 'waits') return 'waits';
    const point = batch.points[index - batch.first];
    if (point) return point;
    if (batch.last) return 'none';
    before = batch;
  }
}

async function ask(
  plan: SweepPlan,
  index: number,
  before: Batch | null,
  store: ObjectStore,
  registry: PluginRegistry,
): Promise<Batch | 'waits'> {
  const { spec, sweepId, specFile } = plan;
  const search = await SweepSearch.open(spec, registry, specFile);
  const values = before && (await valuesOf(plan, before, store));
  if (values?.includes(null)) return 'waits';
  const state = before && (await store.get(searchStateKey(sweepId, index - 1)));
  const asked = state ? search.next(state, values as number[]) : search.first();
  const first = before ? before.first + before.points.length : 0;
  const room = plan.trials / seedsOf(spec).length - first;
  if (asked) await store.put(searchStateKey(sweepId, index), asked.state);
  const points = (asked?.points ?? []).slice(0, room);
  return await writeBatch(store, sweepId, index, { first, points, last: points.length === room || asked === null });
}

/** What each point gave, less being better: the mean over seeds; NaN where one has no value; null: not ended yet. */
async function valuesOf({ spec, sweepId }: SweepPlan, batch: Batch, store: ObjectStore): Promise<(number | null)[]> {
  const seeds = seedsOf(spec).length;
  const values: (number | null)[] = [];
  for (let p = batch.first; p < batch.first + batch.points.length; p++) {
    const records: (TrialRecord | null)[] = [];
    for (let s = 0; s < seeds; s++) records.push(await readTrial(store, sweepId, p * seeds + s));
    if (records.some(isOpen)) values.push(null);
    else {
      const sum = records.reduce((total, record) => total + (valueOf(spec, record as TrialRecord) ?? Number.NaN), 0);
      values.push(((spec.objective?.goal === 'maximize' ? -1 : 1) * sum) / seeds);
    }
  }
  return values;
}

/** Whether a trial has yet to end: one that was held is gone on with, and only then tells the optimizer something. */
function isOpen(record: TrialRecord | null): boolean {
  return record === null || record.state === 'paused' || record.state === 'cancelled';
}

/** The objective of a trial; null when it has none. */
export function valueOf({ objective }: SweepPlan['spec'], { state, metrics }: TrialRecord): number | null {
  const value = objective && state === 'succeeded' ? metrics[objective.metric] : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
