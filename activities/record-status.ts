import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import { type ErrorRecord, type NodeRecord, type RunState, type RunStatus, runStatusSchema } from '../schemas/run.js';

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

/** Object that holds how a run stands. */
export function statusKey(runId: string): string {
  return `runs/${runId}/status.json`;
}

/** The status of a run as it was last recorded, or null. Throws LCOMS_E_ARTIFACT_CORRUPT when it can't be read. */
export async function readStatus(store: ObjectStore, runId: string): Promise<RunStatus | null> {
  const key = statusKey(runId);
  let bytes: Uint8Array;
  try {
    bytes = await store.get(key);
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_MISSING') return null;
    throw error;
  }
  try {
    return runStatusSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${store.describe()} holds no valid run status`, {
      path: key,
      cause,
    });
  }
}

/** The activity `recordStatus`: merges an update into runs/<runId>/status.json and stamps it with the time. */
export function statusActivity(store: ObjectStore): StatusActivities['recordStatus'] {
  return async function recordStatus({ first, nodes, ...report }: StatusUpdate): Promise<void> {
    const before = first ? null : await readStatus(store, report.runId).catch(() => null);
    const now = new Date();
    const status: RunStatus = {
      version: 1,
      ...report,
      updatedAt: now.toISOString(),
      seconds: Math.max(0, (now.getTime() - Date.parse(report.startedAt)) / 1000),
      nodes: merge(before?.nodes ?? [], nodes),
    };
    await store.put(statusKey(report.runId), new TextEncoder().encode(`${JSON.stringify(status)}\n`));
  };
}

/** `changes` over `nodes`, in the order of `nodes`. */
function merge(nodes: readonly NodeRecord[], changes: readonly NodeRecord[]): NodeRecord[] {
  const merged = new Map(nodes.map((node) => [node.id, node]));
  for (const node of changes) merged.set(node.id, node);
  return [...merged.values()];
}
