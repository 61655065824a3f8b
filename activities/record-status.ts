import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { ErrorRecord, NodeRecord, RunState, RunStatus } from '../schemas/run.js';
import { readStatus, writeStatus } from './run-files.js';

/** How a run stands. */
export interface RunReport {
  runId: string;
  state: RunState;
  /** ISO 8601. */
  startedAt: string;
  nodes: NodeRecord[];
  error: ErrorRecord | null;
}

/** What changed since the last update; `first`: every node, replacing what was recorded. */
export interface StatusUpdate extends RunReport {
  first: boolean;
  /** Which execution of the run, and its how manieth record; not told by workflows of earlier versions. */
  execution?: string;
  sequence?: number;
}

/** Activities on the orchestration queue. */
export interface StatusActivities {
  recordStatus(update: StatusUpdate): Promise<void>;
}

/**
 * The activity `recordStatus`: merges an update into runs/<runId>/status.json and stamps it with the time. One that comes
 * late (its worker slept, and another made the next records meanwhile) changes nothing.
 */
export function statusActivity(store: ObjectStore): StatusActivities['recordStatus'] {
  return async function recordStatus(update: StatusUpdate): Promise<void> {
    const { first, nodes, ...report } = update;
    const before = await readStatus(store, report.runId).catch(unlessCorrupt);
    if (before && isLate(update, before)) return;
    const now = new Date();
    await writeStatus(store, {
      version: 1,
      ...report,
      updatedAt: now.toISOString(),
      seconds: Math.max(0, (now.getTime() - Date.parse(report.startedAt)) / 1000),
      nodes: merge(first ? [] : (before?.nodes ?? []), nodes),
    });
  };
}

/** A record that is damaged is made anew from here on; one that a store does not give just now is asked for again. */
function unlessCorrupt(error: unknown): null {
  if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT') return null;
  throw error;
}

/** Whether what is recorded is newer: by the same execution, or by one after it, which begins with all of its nodes. */
function isLate({ first, execution, sequence = 0 }: StatusUpdate, before: RunStatus): boolean {
  if (execution === undefined) return false;
  if (before.execution === execution) return (before.sequence ?? 0) > sequence;
  // Without an execution: closed by hand, or under way since an earlier version.
  return !first && (before.execution !== undefined || before.state !== 'running');
}

/** `changes` over `nodes`, in the order of `nodes`. */
function merge(nodes: readonly NodeRecord[], changes: readonly NodeRecord[]): NodeRecord[] {
  const merged = new Map(nodes.map((node) => [node.id, node]));
  for (const node of changes) merged.set(node.id, node);
  return [...merged.values()];
}
