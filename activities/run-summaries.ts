import type { ObjectStore, StoredObject } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { RunSummary } from '../schemas/run.js';
import { readPlan, readStatus, readSummary, summaryOf } from './run-files.js';

/** Records that are read at a time. */
const AT_ONCE = 32;

interface RunObjects {
  runId: string;
  plan: StoredObject;
  status?: StoredObject;
  summary?: StoredObject;
}

/**
 * What each run of a store is and how it stands, newest first. Read from the summaries; from plan and status where a
 * summary is missing or older than the status, as when its writer died. A record of another version is left out.
 */
export async function listSummaries(store: ObjectStore): Promise<RunSummary[]> {
  const runs = new Map<string, Partial<RunObjects> & { runId: string }>();
  for await (const object of store.list('runs/')) {
    const [, runId = '', file] = /^runs\/([^/]+)\/(plan|status|summary)\.json$/.exec(object.key) ?? [];
    if (file !== undefined) runs.set(runId, { ...runs.get(runId), runId, [file]: object });
  }
  const wanted = [...runs.values()].filter((run): run is RunObjects => run.plan !== undefined);
  const found: RunSummary[] = [];
  const next = wanted[Symbol.iterator]();
  const reader = async (): Promise<void> => {
    for (const run of next) {
      const summary = await summaryOfRun(store, run);
      if (summary) found.push(summary);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return found.sort(newestFirst);
}

function newestFirst(a: RunSummary, b: RunSummary): number {
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt ? 1 : -1;
  return a.runId < b.runId ? 1 : -1;
}

async function summaryOfRun(store: ObjectStore, { runId, status, summary }: RunObjects): Promise<RunSummary | null> {
  const current = summary !== undefined && (status === undefined || summary.modifiedAt >= status.modifiedAt);
  const read = current ? await readSummary(store, runId) : null;
  if (read) return read;
  try {
    return summaryOf(await readPlan(store, runId), await readStatus(store, runId));
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT') return null;
    throw error;
  }
}
