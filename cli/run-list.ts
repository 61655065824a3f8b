import { listSummaries } from '../activities/run-summaries.js';
import type { NodeState, RunState } from '../schemas/run.js';
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

/** Every run of the store, newest first. A record that this version can't read is left out. */
export async function listRuns({ store }: Pick<Workplace, 'store'>, live: LiveStates): Promise<ListedRun[]> {
  return (await listSummaries(store.store)).map(({ runId, name, state, startedAt, seconds, nodes, error }) => ({
    runId,
    name,
    state: shownState(state, live.get(runId)),
    startedAt,
    seconds,
    nodes,
    error,
  }));
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
