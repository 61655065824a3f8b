import { valueOf } from '../activities/sweep/batches.js';
import { isAdaptive, pointsOf, seedsOf } from '../activities/sweep/points.js';
import { readBatch, readTrial, writeTrial } from '../activities/sweep/sweep-files.js';
import { trialRecord } from '../activities/sweep/trial-record.js';
import { inOrder, seedOfTrial } from '../activities/sweep/trial-spec.js';
import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import type { Point, SweepPlan, TrialRecord } from '../schemas/sweep.js';
import { trialId } from '../workflows/sweep-contract.js';

/** Every trial of a sweep whose point is known, in order; those not begun are `queued`. */
export async function readTrials(plan: SweepPlan, store: ArtifactStore): Promise<TrialRecord[]> {
  const seeds = seedsOf(plan.spec);
  const points = isAdaptive(plan.spec) ? await askedPoints(plan, store) : [...pointsOf(plan.spec)];
  const records: TrialRecord[] = [];
  for (const [p, point] of points.entries()) {
    for (const [s, seed] of seeds.entries()) {
      const index = p * seeds.length + s;
      const record = await current(plan, index, point, store, seedOfTrial(plan.spec, point, seed));
      records.push({ ...record, point: inOrder(plan.spec, record.point) });
    }
  }
  return records;
}

/** A trial that did not succeed in its sweep may have been gone on with by itself. */
async function current(
  plan: SweepPlan,
  index: number,
  point: Point,
  store: ArtifactStore,
  seed: number,
): Promise<TrialRecord> {
  const recorded = await readTrial(store.store, plan.sweepId, index);
  if (recorded === null) return queued(plan, index, point, seed);
  if (recorded.state === 'succeeded') return recorded;
  const now = await trialRecord(plan, index, point, store);
  if (now.state !== 'succeeded') return recorded;
  await writeTrial(store.store, plan.sweepId, now);
  return now;
}

function queued({ sweepId }: SweepPlan, index: number, point: Point, seed: number): TrialRecord {
  const nothing = { metrics: {}, report: null, seconds: 0, cpuSeconds: 0, nodes: {}, error: null };
  return { version: 1, index, runId: trialId(sweepId, index), point, seed, state: 'queued', ...nothing };
}

async function askedPoints({ sweepId }: SweepPlan, store: ArtifactStore): Promise<Point[]> {
  const points: Point[] = [];
  for (let b = 0; ; b++) {
    const batch = await readBatch(store.store, sweepId, b);
    if (batch === null) return points;
    points.push(...batch.points);
  }
}

/** The trial with the best objective; null without one. */
export function bestTrial({ spec }: SweepPlan, records: readonly TrialRecord[]): TrialRecord | null {
  const sign = spec.objective?.goal === 'maximize' ? -1 : 1;
  let best: { record: TrialRecord; cost: number } | null = null;
  for (const record of records) {
    const value = valueOf(spec, record);
    if (value !== null && (best === null || sign * value < best.cost)) best = { record, cost: sign * value };
  }
  return best?.record ?? null;
}
