import type { z } from 'zod';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import {
  type NodeState,
  type RunPlan,
  type RunStatus,
  type RunSummary,
  runPlanSchema,
  runStatusSchema,
  runSummarySchema,
} from '../schemas/run.js';

/** Run ids name keys and folders: letters, digits, dots and hyphens. */
const RUN_ID = /^[a-z0-9][a-z0-9.-]{0,120}$/;

/** Throws LCOMS_E_NOT_FOUND for what can't be the id of a run. */
export function runKey(runId: string, file: 'plan' | 'status' | 'summary' | 'pause'): string {
  if (!RUN_ID.test(runId)) throw new LcomsError('LCOMS_E_NOT_FOUND', `"${runId}" is not a run id`);
  return `runs/${runId}/${file}.json`;
}

async function read<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T> {
  const text = Buffer.from(await store.get(key)).toString('utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new LcomsError(
      'LCOMS_E_ARTIFACT_CORRUPT',
      `${key} in ${store.describe()} is not a run record of this lcoms`,
      { cause: error },
    );
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

export async function writePlan(store: ObjectStore, plan: RunPlan): Promise<void> {
  await store.putIfAbsent(runKey(plan.runId, 'plan'), encode(plan));
  await store.put(runKey(plan.runId, 'summary'), encode(summaryOf(plan, null)));
}

/** @throws LcomsError LCOMS_E_NOT_FOUND when there is no such run. */
export async function readPlan(store: ObjectStore, runId: string): Promise<RunPlan> {
  const key = runKey(runId, 'plan');
  if (!(await store.has(key)))
    throw new LcomsError('LCOMS_E_NOT_FOUND', `there is no run "${runId}" in ${store.describe()}`);
  return await read(store, key, runPlanSchema);
}

export async function writeStatus(store: ObjectStore, status: RunStatus): Promise<void> {
  await store.put(runKey(status.runId, 'status'), encode(status));
  // After it: a summary that is older than the status is known to be stale.
  await updateSummary(store, status);
}

/** null before the workflow recorded anything. */
export async function readStatus(store: ObjectStore, runId: string): Promise<RunStatus | null> {
  const key = runKey(runId, 'status');
  return (await store.has(key)) ? await read(store, key, runStatusSchema) : null;
}

/** Ids of all runs, oldest first by name of their plan. */
export async function listRunIds(store: ObjectStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of store.list('runs/')) {
    const match = /^runs\/([^/]+)\/plan\.json$/.exec(key);
    if (match?.[1]) ids.push(match[1]);
  }
  return ids;
}

/** null when there is none, or when it is none of this version: then plan and status say what it would. */
export async function readSummary(store: ObjectStore, runId: string): Promise<RunSummary | null> {
  try {
    return await read(store, runKey(runId, 'summary'), runSummarySchema);
  } catch (error) {
    const unusable = ['LCOMS_E_ARTIFACT_MISSING', 'LCOMS_E_ARTIFACT_CORRUPT'];
    if (error instanceof LcomsError && unusable.includes(error.code)) return null;
    throw error;
  }
}

/** The summary that goes with a plan and a status. */
export function summaryOf(
  { runId, name, createdAt }: Pick<RunPlan, 'runId' | 'name' | 'createdAt'>,
  status: RunStatus | null,
): RunSummary {
  const nodes: Partial<Record<NodeState, number>> = {};
  for (const { state } of status?.nodes ?? []) nodes[state] = (nodes[state] ?? 0) + 1;
  return {
    version: 1,
    runId,
    name,
    createdAt,
    state: status?.state ?? null,
    startedAt: status?.startedAt ?? createdAt,
    seconds: status?.seconds ?? null,
    nodes,
    error: status?.error
      ? (`${status.error.code}: ${status.error.message}`.split('\n')[0]?.slice(0, 300) ?? null)
      : null,
  };
}

async function updateSummary(store: ObjectStore, status: RunStatus): Promise<void> {
  const { runId } = status;
  const before = await readSummary(store, runId);
  const plan = before ?? ((await store.has(runKey(runId, 'plan'))) ? await readPlan(store, runId) : null);
  if (plan) await store.put(runKey(runId, 'summary'), encode(summaryOf(plan, status)));
}

/** Marks a run as one that is to pause, for the workers whose nodes are then ended; see `unmarkPause`. */
export async function markPause(store: ObjectStore, runId: string): Promise<void> {
  await store.put(runKey(runId, 'pause'), encode({ version: 1 }));
}

/** Takes the mark away: the run goes on, or its nodes are to end at once. */
export async function unmarkPause(store: ObjectStore, runId: string): Promise<void> {
  await store.delete(runKey(runId, 'pause'));
}

export async function isPauseMarked(store: ObjectStore, runId: string): Promise<boolean> {
  return await store.has(runKey(runId, 'pause'));
}

const UNFINISHED: ReadonlySet<NodeState> = new Set(['queued', 'running', 'paused', 'stale']);

/** Records that a run which no worker carries on any more is paused or cancelled. */
export async function closeStatus(store: ObjectStore, plan: RunPlan, state: 'paused' | 'cancelled'): Promise<void> {
  const before = await readStatus(store, plan.runId);
  const nodes =
    before?.nodes ??
    plan.nodes.map(({ id, step }) => {
      return { id, step, state: 'queued' as const, key: null, attempt: 0, seconds: null, artifact: null, error: null };
    });
  await writeStatus(store, {
    version: 1,
    runId: plan.runId,
    state,
    startedAt: before?.startedAt ?? plan.createdAt,
    updatedAt: new Date().toISOString(),
    seconds: before?.seconds ?? 0,
    nodes: nodes.map((node) => (UNFINISHED.has(node.state) ? { ...node, state } : node)),
    error: before?.error ?? null,
  });
}
