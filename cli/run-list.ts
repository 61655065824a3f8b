import { listSummaries } from '../activities/run-summaries.js';
import { listSweepIds, readSweepPlan, readSweepStatus } from '../activities/sweep/sweep-files.js';
import type { ArtifactStore } from '../lib/artifacts/artifact-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeState, RunState } from '../schemas/run.js';
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
  /** Number of nodes by state; empty before any was recorded. */
  nodes: Partial<Record<NodeState, number>>;
  /** First line of what went wrong. */
  error: string | null;
}

/** Every run of the store but the trials of sweeps, and every sweep; newest first. What this version can't read is left out. */
export async function listRuns({ store }: Pick<Workplace, 'store'>, live: LiveStates): Promise<ListedRun[]> {
  const sweeps = await listSweepIds(store.store);
  const runs = (await listSummaries(store.store))
    .filter(({ runId }) => !sweeps.includes(trialOfId(runId)?.sweepId ?? ''))
    .map(({ runId, name, state, startedAt, seconds, nodes, error }) => ({
      runId,
      name,
      state: shownState(state, live.get(runId)),
      startedAt,
      seconds,
      nodes,
      error,
    }));
  const listed = await Promise.all(sweeps.map((sweepId) => listedSweep(store, sweepId, live.get(sweepId))));
  return [...runs, ...listed.flat()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
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
    return [
      {
        runId: sweepId,
        name: plan.name,
        state: shownState(status?.state ?? null, live),
        startedAt,
        seconds,
        nodes: {},
        error: null,
      },
    ];
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

export function colouredState(output: Output, state: RunState): string {
  return output.style(COLOURS[state], state);
}

/** `2026-01-31 12:00:00`, UTC. */
export function timeText(iso: string): string {
  return iso.replace('T', ' ').slice(0, 19);
}

export function runTable(output: Output, runs: readonly ListedRun[]): string {
  return table([
    ['run', 'state', 'started', 'took', 'nodes'].map((title) => output.style('bold', title)),
    ...runs.map(({ runId, state, startedAt, seconds, nodes, error }) => [
      runId,
      colouredState(output, state),
      timeText(startedAt),
      seconds === null ? '-' : duration(seconds),
      error === null || state === 'running' ? nodesText(nodes) : error.split(':')[0] || 'failed',
    ]),
  ]);
}

/** `18`, or `12/18` when some are not done. */
function nodesText(nodes: ListedRun['nodes']): string {
  const all = Object.values(nodes).reduce((sum, count) => sum + count, 0);
  const done = (nodes.succeeded ?? 0) + (nodes.cached ?? 0);
  return all === 0 ? '' : done === all ? String(all) : `${done}/${all}`;
}
