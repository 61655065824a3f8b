import type { z } from 'zod';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import { type NodeState, type RunPlan, type RunStatus, runPlanSchema, runStatusSchema } from '../schemas/run.js';

/** Run ids name keys and folders: letters, digits, dots and hyphens. */
const RUN_ID = /^[a-z0-9][a-z0-9.-]{0,120}$/;

function keyOf(runId: string, file: 'plan' | 'status' | 'pause'): string {
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
  await store.putIfAbsent(keyOf(plan.runId, 'plan'), encode(plan));
}

/** @throws LcomsError LCOMS_E_NOT_FOUND when there is no such run. */
export async function readPlan(store: ObjectStore, runId: string): Promise<RunPlan> {
  const key = keyOf(runId, 'plan');
  if (!(await store.has(key)))
    throw new LcomsError('LCOMS_E_NOT_FOUND', `there is no run "${runId}" in ${store.describe()}`);
  return await read(store, key, runPlanSchema);
}

export async function writeStatus(store: ObjectStore, status: RunStatus): Promise<void> {
  await store.put(keyOf(status.runId, 'status'), encode(status));
}

/** null before the workflow recorded anything. */
export async function readStatus(store: ObjectStore, runId: string): Promise<RunStatus | null> {
  const key = keyOf(runId, 'status');
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

/** Marks a run as one that is to pause, for the workers whose nodes are then ended; see `unmarkPause`. */
export async function markPause(store: ObjectStore, runId: string): Promise<void> {
  await store.put(keyOf(runId, 'pause'), encode({ version: 1 }));
}

/** Takes the mark away: the run goes on, or its nodes are to end at once. */
export async function unmarkPause(store: ObjectStore, runId: string): Promise<void> {
  await store.delete(keyOf(runId, 'pause'));
}

export async function isPauseMarked(store: ObjectStore, runId: string): Promise<boolean> {
  return await store.has(keyOf(runId, 'pause'));
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
