import { readNodeMetrics } from '../activities/metrics/read-metrics.js';
import { LcomsError } from '../schemas/errors.js';
import type { MetricsRow } from '../schemas/metrics.js';
import type { Snapshot } from './progress.js';
import type { Workplace } from './workplace.js';

/** What the nodes under way have reported so far, by node id; a store that is away for a moment has nothing. */
export async function reportedSoFar(
  { store }: Pick<Workplace, 'store'>,
  runId: string,
  { live }: Snapshot,
): Promise<Map<string, readonly MetricsRow[]>> {
  const found = new Map<string, readonly MetricsRow[]>();
  for (const { id, progress } of live) {
    // Only nodes that report have metrics in their progress.
    if (progress?.metrics === undefined || Object.keys(progress.metrics).length === 0) continue;
    const recorded = await readNodeMetrics(store.store, runId, id).catch((error: unknown) => {
      if (error instanceof LcomsError) return null;
      throw error;
    });
    if (recorded) found.set(id, recorded.rows);
  }
  return found;
}
