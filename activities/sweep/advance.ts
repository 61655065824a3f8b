import { ApplicationFailure, Context } from '@temporalio/activity';
import type { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import type { ObjectStore } from '../../lib/artifacts/object-store.js';
import type { PluginRegistry } from '../../plugins/registry.js';
import { LcomsError } from '../../schemas/errors.js';
import type { WorkflowNode } from '../../schemas/node.js';
import type { ErrorRecord, NodeRecord, RunPlan, RunState } from '../../schemas/run.js';
import type { Point, SweepStatus, TrialRecord } from '../../schemas/sweep.js';
import { trialId } from '../../workflows/sweep-contract.js';
import { toRemoteError } from '../compute/remote-error.js';
import { markPause, readPlan, unmarkPause, writePlan, writeStatus } from '../run-files.js';
import { valueOf } from './batches.js';
import { NodePreviews, type SharedNode } from './node-previews.js';
import { Trials } from './plan-trials.js';
import { readSweepPlan, readTrial, writeSweepStatus, writeTrial } from './sweep-files.js';
import { trialRecord } from './trial-record.js';

export interface AdvanceTask {
  sweepId: string;
  /** Trials whose workflows have ended: they are recorded. */
  ended: number[];
  /** First trial that was not looked at, and how many to prepare from there. */
  next: number;
  room: number;
  /** Trials from here on are not begun. */
  limit: number;
  /** How the sweep stands, for its record. */
  status: Omit<SweepStatus, 'version' | 'updatedAt'>;
}

/** A trial that is to run. */
export interface ReadyTrial {
  index: number;
  nodes: WorkflowNode[];
}

/** A trial that has ended. */
export interface EndedTrial {
  index: number;
  state: RunState;
  value: number | null;
  cpuSeconds: number;
  /** Nothing had to be made for it in this launch. */
  cached: boolean;
  error: ErrorRecord | null;
}

export interface Advanced {
  ready: ReadyTrial[];
  ended: EndedTrial[];
  next: number;
  /** No trials are left from `next` on. */
  exhausted: boolean;
  /** The next point follows from trials that have not ended. */
  waits: boolean;
}

/** Activities of sweeps, on the orchestration queue. */
export interface SweepActivities {
  advanceSweep(task: AdvanceTask): Promise<Advanced>;
  /** Those of the trials whose workflows are not under way. */
  endedTrials(task: { sweepId: string; indices: number[] }): Promise<number[]>;
  /** Asks trials under way to pause: trainings write a checkpoint and end. */
  pauseTrials(task: { sweepId: string; indices: number[] }): Promise<void>;
}

/** What one call hands out at most: payloads stay small, and its worker answers again soon. */
const MAXIMUM_NODES = 2_500;
const MAXIMUM_LOOKS = 500;
const PATIENCE = 2_000;
/** Trials that are prepared at a time: most of it is waiting for the store. */
const SIDE_BY_SIDE = 8;

/** The activity `advanceSweep`: records trials that ended, and prepares the next ones. Safe to repeat. */
export function advanceActivity(
  store: ArtifactStore,
  registry: () => Promise<PluginRegistry>,
): SweepActivities['advanceSweep'] {
  const opened = new Map<string, Promise<Trials>>();
  return async function advanceSweep(task: AdvanceTask): Promise<Advanced> {
    const { sweepId, status } = task;
    await writeSweepStatus(store.store, { version: 1, ...status, updatedAt: new Date().toISOString() });
    let trials = opened.get(sweepId);
    if (!trials) {
      trials = open(sweepId, store, await registry());
      opened.set(sweepId, trials);
      trials.catch(() => opened.delete(sweepId));
    }
    try {
      return await advance(task, await trials, store);
    } catch (error) {
      const { record: told, retryable } = toRemoteError(error);
      throw ApplicationFailure.create({
        message: told.message,
        type: told.code,
        details: [told],
        nonRetryable: !retryable,
      });
    }
  };
}

/** The activity `endedTrials`. @param isOpen whether the workflow of a run is under way */
export function endedTrialsActivity(isOpen: (runId: string) => Promise<boolean>): SweepActivities['endedTrials'] {
  return async function endedTrials({ sweepId, indices }): Promise<number[]> {
    const ended: number[] = [];
    for (const index of indices) {
      Context.current().heartbeat();
      if (!(await isOpen(trialId(sweepId, index)))) ended.push(index);
    }
    return ended;
  };
}

/** The activity `pauseTrials`. @param pause asks the workflow of a run to pause */
export function pauseTrialsActivity(
  store: ObjectStore,
  pause: (runId: string) => Promise<void>,
): SweepActivities['pauseTrials'] {
  return async function pauseTrials({ sweepId, indices }): Promise<void> {
    for (const runId of indices.map((index) => trialId(sweepId, index))) {
      Context.current().heartbeat();
      await markPause(store, runId);
      await pause(runId).catch(async (error: unknown) => {
        if (!(error instanceof LcomsError) || error.code !== 'LCOMS_E_NOT_FOUND') throw error;
        // It has ended meanwhile.
        await unmarkPause(store, runId);
      });
    }
  };
}

async function open(sweepId: string, store: ArtifactStore, registry: PluginRegistry): Promise<Trials> {
  const plan = await readSweepPlan(store.store, sweepId);
  if (!plan) throw new LcomsError('LCOMS_E_NOT_FOUND', `there is no sweep ${sweepId} in ${store.store.describe()}`);
  return new Trials(plan, store.store, registry);
}

async function advance({ ended, next, room, limit }: AdvanceTask, trials: Trials, store: ArtifactStore) {
  const result: Advanced = { ready: [], ended: [], next, exhausted: false, waits: false };
  const alive = (): void => Context.current().heartbeat();
  for (const index of ended) {
    alive();
    const point = await trials.point(index);
    result.ended.push(await record(trials, index, typeof point === 'string' ? {} : point, store, false));
  }
  const previews = new NodePreviews(store, true);
  const deadline = performance.now() + PATIENCE;
  let nodes = 0;
  let looks = 0;
  while (!result.exhausted && !result.waits && result.ready.length < room) {
    if (nodes >= MAXIMUM_NODES || looks >= MAXIMUM_LOOKS || performance.now() > deadline) break;
    alive();
    const batch: { index: number; point: Point }[] = [];
    while (batch.length < Math.min(SIDE_BY_SIDE, room - result.ready.length)) {
      const index = result.next;
      const point = index < limit ? await trials.point(index) : 'none';
      result.waits = point === 'waits';
      result.exhausted = point === 'none';
      if (typeof point === 'string') break;
      batch.push({ index, point });
      result.next += 1;
    }
    looks += batch.length;
    for (const prepared of await Promise.all(
      batch.map(({ index, point }) => prepare(trials, index, point, store, previews)),
    )) {
      if ('state' in prepared) result.ended.push(prepared);
      else {
        result.ready.push(prepared);
        nodes += prepared.nodes.length;
      }
    }
  }
  return result;
}

/** A trial that has nothing to run is recorded at once; another one gets its plan. */
async function prepare(
  trials: Trials,
  index: number,
  point: Point,
  store: ArtifactStore,
  previews: NodePreviews,
): Promise<ReadyTrial | EndedTrial> {
  const { plan } = trials;
  const before = await readTrial(store.store, plan.sweepId, index);
  if (before?.state === 'pruned') return await record(trials, index, point, store, true);
  let run: RunPlan;
  try {
    run = await storedPlan(trials, index, point, store);
  } catch (error) {
    return await refused(trials, index, point, store, error);
  }
  const shared = await previews.of(run.nodes);
  if (shared.every(({ manifest }) => manifest !== null)) {
    if (before?.state === 'succeeded') return brief(trials, before, true);
    await writeCached(run, shared, store);
    return await record(trials, index, point, store, true);
  }
  return { index, nodes: run.nodes.map(({ id, step, queue, needs }) => ({ id, step, queue, needs })) };
}

/** The plan of the trial's run: as it was written by an earlier launch, if one wrote it. */
async function storedPlan(trials: Trials, index: number, point: Point, store: ArtifactStore): Promise<RunPlan> {
  const runId = trialId(trials.plan.sweepId, index);
  const there = await readPlan(store.store, runId).catch((error: unknown) => {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_NOT_FOUND') return null;
    throw error;
  });
  if (there) {
    // It may have been paused: now it goes on.
    await unmarkPause(store.store, runId);
    return there;
  }
  const run = await trials.runPlan(index, point);
  await writePlan(store.store, run);
  return run;
}

async function writeCached(run: RunPlan, shared: readonly SharedNode[], store: ArtifactStore): Promise<void> {
  const now = new Date().toISOString();
  const nodes = run.nodes.map(({ id, step }, i): NodeRecord => {
    const { key, manifest } = shared[i] as SharedNode;
    const bytes = manifest?.artifact.blobs.reduce((sum, blob) => sum + blob.bytes, 0) ?? 0;
    const artifact = manifest && { digest: manifest.artifact.digest, bytes };
    const seconds = manifest?.provenance.seconds ?? null;
    return { id, step, state: 'cached', key, attempt: 0, seconds, artifact, error: null };
  });
  const times = { startedAt: now, updatedAt: now, seconds: 0 };
  await writeStatus(store.store, { version: 1, runId: run.runId, state: 'succeeded', ...times, nodes, error: null });
}

async function record(
  trials: Trials,
  index: number,
  point: Point,
  store: ArtifactStore,
  cached: boolean,
): Promise<EndedTrial> {
  const made = await trialRecord(trials.plan, index, point, store);
  await writeTrial(store.store, trials.plan.sweepId, made);
  return brief(trials, made, cached);
}

function brief({ plan }: Trials, made: TrialRecord, cached: boolean): EndedTrial {
  const { index, state, cpuSeconds, error } = made;
  return { index, state, value: valueOf(plan.spec, made), cpuSeconds, cached, error };
}

/** A point that makes no experiment (values that exclude each other) is a trial that failed, not the end of the others. */
async function refused(
  trials: Trials,
  index: number,
  point: Point,
  store: ArtifactStore,
  thrown: unknown,
): Promise<EndedTrial> {
  const { record: error, retryable } = toRemoteError(thrown);
  if (retryable) throw thrown;
  const made = { ...(await trialRecord(trials.plan, index, point, store)), state: 'failed' as const, error };
  await writeTrial(store.store, trials.plan.sweepId, made);
  return brief(trials, made, false);
}
