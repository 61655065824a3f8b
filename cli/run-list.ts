import { listRunIds, readPlan, readStatus } from '../activities/run-files.js';
import { listSweepIds, readSweepPlan, readSweepStatus } from '../activities/sweep/sweep-files.js';
import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { RunState } from '../schemas/run.js';
import { trialOfId } from '../workflows/sweep-contract.js';
import { duration, type Output, table } from './output.js';
import { type LiveStates, shownState } from './server-peek.js';
import type { Workplace } from './workplace.js';

/** A run as `lcoms ls` lists it. */
export interface ListedRun {
  runId: string;
  name: string;
  state: RunState;
  /** ISO 8601. */
  startedAt: string;
  seconds: number | null;
}

/** Every run of the store but the trials of sweeps, and every sweep; newest first. What this version can't read is left out. */
export async function listRuns({ store }: Workplace, live: LiveStates): Promise<ListedRun[]> {
  const runs: ListedRun[] = [];
  const sweeps = await listSweepIds(store.store);
  for (const sweepId of sweeps) runs.push(...(await listedSweep(store, sweepId, live.get(sweepId))));
  for (const runId of await listRunIds(store.store)) {
    if (sweeps.includes(trialOfId(runId)?.sweepId ?? '')) continue;
    try {
      const plan = await readPlan(store.store, runId);
      const status = await readStatus(store.store, runId);
      runs.push({
        runId,
        name: plan.name,
        state: shownState(status?.state ?? null, live.get(runId)),
        startedAt: status?.startedAt ?? plan.createdAt,
        seconds: status?.seconds ?? null,
      });
    } catch (error) {
      if (!(error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT')) throw error;
    }
  }
  return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** A sweep as a run: its trials are what `lcoms show` lists. */
async function listedSweep(
  { store }: ArtifactStore,
  sweepId: string,
  live: RunState | undefined,
): Promise<ListedRun[]> {
  try {
    const plan = await readSweepPlan(store, sweepId);
    const status = await readSweepStatus(store, sweepId);
    if (plan === null) return [];
    const startedAt = status?.startedAt ?? plan.createdAt;
    const seconds = status ? (Date.parse(status.updatedAt) - Date.parse(startedAt)) / 1000 : null;
    return [{ runId: sweepId, name: plan.name, state: shownState(status?.state ?? null, live), startedAt, seconds }];
  } catch (error) {
    if (!(error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT')) throw error;
    return [];
  }
}

const COLOURS = {
  succeeded: 'green',
  running: 'yellow',
  paused: 'cyan',
  interrupted: 'cyan',
  pruned: 'dim',
  stale: 'red',
  failed: 'red',
  cancelled: 'dim',
  queued: 'dim',
} as const;

export function runTable(output: Output, runs: readonly ListedRun[]): string {
  return table([
    ['run', 'state', 'started', 'took'].map((title) => output.style('bold', title)),
    ...runs.map(({ runId, state, startedAt, seconds }) => [
      runId,
      output.style(COLOURS[state], state),
      startedAt.replace('T', ' ').slice(0, 19),
      seconds === null ? '-' : duration(seconds),
    ]),
  ]);
}
