import { z } from 'zod';
import { decodeJson, encodeJson } from '../../lib/artifacts/json-object.js';
import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import { LcomsError } from '../../schemas/errors.js';
import {
  pointSchema,
  type SweepPlan,
  type SweepStatus,
  sweepPlanSchema,
  sweepStatusSchema,
  type TrialRecord,
  trialRecordSchema,
} from '../../schemas/sweep.js';
import type { TrialOf } from '../../schemas/trial.js';

/** Points that an optimizer asked for at once, `first` being the index of the first among all points. */
const batchSchema = z.strictObject({ first: z.number().int(), points: z.array(pointSchema), last: z.boolean() });
export type Batch = z.infer<typeof batchSchema>;

const SWEEP_ID = /^[a-z0-9][a-z0-9.-]{0,90}$/;
const padded = (n: number): string => String(n).padStart(6, '0');

function folder(sweepId: string): string {
  if (!SWEEP_ID.test(sweepId)) throw new LcomsError('LCOMS_E_NOT_FOUND', `"${sweepId}" is not the id of a sweep`);
  return `sweeps/${sweepId}`;
}

async function read<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return decodeJson(await store.get(key), schema, key, store.describe());
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
    throw error;
  }
}

/** Written again by a launch with other limits: what it is made of has the same hash. */
export async function writeSweepPlan(store: ObjectStore, plan: SweepPlan): Promise<void> {
  await store.put(`${folder(plan.sweepId)}/plan.json`, encodeJson(plan, 'the plan of the sweep'));
}

/** null when there is no such sweep. */
export async function readSweepPlan(store: ObjectStore, sweepId: string): Promise<SweepPlan | null> {
  return await read(store, `${folder(sweepId)}/plan.json`, sweepPlanSchema);
}

export async function writeSweepStatus(store: ObjectStore, status: SweepStatus): Promise<void> {
  await store.put(`${folder(status.sweepId)}/status.json`, encodeJson(status, 'the status of the sweep'));
}

/** null before its workflow recorded anything. */
export async function readSweepStatus(store: ObjectStore, sweepId: string): Promise<SweepStatus | null> {
  return await read(store, `${folder(sweepId)}/status.json`, sweepStatusSchema);
}

export async function listSweepIds(store: ObjectStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list('sweeps/')) {
    const match = /^sweeps\/([^/]+)\/plan\.json$/.exec(key);
    if (match?.[1]) ids.push(match[1]);
  }
  return ids.sort();
}

export async function writeTrial(store: ObjectStore, sweepId: string, record: TrialRecord): Promise<void> {
  await store.put(`${folder(sweepId)}/trials/${padded(record.index)}.json`, encodeJson(record, 'the trial'));
}

/** null when the trial has not ended. */
export async function readTrial(store: ObjectStore, sweepId: string, index: number): Promise<TrialRecord | null> {
  return await read(store, `${folder(sweepId)}/trials/${padded(index)}.json`, trialRecordSchema);
}

/** A batch of an adaptive sweep; null when it has not been asked for. */
export async function readBatch(store: ObjectStore, sweepId: string, index: number): Promise<Batch | null> {
  return await read(store, `${folder(sweepId)}/batches/${padded(index)}.json`, batchSchema);
}

/** Written once: whoever comes second goes on with the first one's. */
export async function writeBatch(store: ObjectStore, sweepId: string, index: number, batch: Batch): Promise<Batch> {
  const key = `${folder(sweepId)}/batches/${padded(index)}.json`;
  await store.putIfAbsent(key, encodeJson(batch, 'the batch'));
  return (await read(store, key, batchSchema)) ?? batch;
}

/** Key of the optimizer's state after it asked for a batch. */
export function searchStateKey(sweepId: string, index: number): string {
  return `${folder(sweepId)}/search/${padded(index)}.bin`;
}

/** Where the metrics of trials at a step of their training are compared. */
export function rungPrefix(sweepId: string, step: number): string {
  return `${folder(sweepId)}/rungs/${padded(step)}/`;
}

export function rungKey(sweepId: string, step: number, trial: number): string {
  return `${rungPrefix(sweepId, step)}${padded(trial)}.json`;
}

/** Marks a trial that its user goes on with: it is not pruned again. */
export function keptKey(sweepId: string, trial: number): string {
  return `${folder(sweepId)}/kept/${padded(trial)}`;
}

/** Its user goes on with a trial, so it is not pruned any more. */
export async function keepTrial(store: ObjectStore, { sweepId, index }: TrialOf): Promise<void> {
  await store.put(keptKey(sweepId, index), encodeJson(true, 'the mark'));
}
