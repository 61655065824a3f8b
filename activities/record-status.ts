import type { ObjectStore } from '../lib/artifacts/object-store.js';
import type { ErrorRecord, NodeRecord, RunState } from '../schemas/run.js';
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
}

/** Activities on the orchestration queue. */
export interface StatusActivities {
  recordStatus(update: StatusUpdate): Promise<void>;
}

/** The activity `recordStatus`: merges an update into runs/<runId>/status.json and stamps it with the time. */
export function statusActivity(store: ObjectStore): StatusActivities['recordStatus'] {
  return async function recordStatus({ first, nodes, ...report }: StatusUpdate): Promise<void> {
    // A record that can't be read is made anew from here on.
    const before = first ? null : await readStatus(store, report.runId).catch(() => null);
    const now = new Date();
    await writeStatus(store, {
      version: 1,
      ...report,
      updatedAt: now.toISOString(),
      seconds: Math.max(0, (now.getTime() - Date.parse(report.startedAt)) / 1000),
      nodes: merge(before?.nodes ?? [], nodes),
    });
  };
}

/** `changes` over `nodes`, in the order of `nodes`. */
function merge(nodes: readonly NodeRecord[], changes: readonly NodeRecord[]): NodeRecord[] {
  const merged = new Map(nodes.map((node) => [node.id, node]));
  for (const node of changes) merged.set(node.id, node);
  return [...merged.values()];
}
