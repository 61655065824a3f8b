import { listRunIds } from '../activities/run-files.js';
import { listSummaries } from '../activities/run-summaries.js';
import { listSweepIds, readSweepPlan } from '../activities/sweep/sweep-files.js';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { SweepPlan } from '../schemas/sweep.js';
import { trialOfId } from '../workflows/sweep-contract.js';
import { didYouMean } from './usage.js';
import type { Workplace } from './workplace.js';

/** Names the newest run wherever a run id is asked for. */
export const LAST = 'last';

/** What help says of every argument that names a run. */
export const RUN_ARGUMENT = 'run: its id, the beginning of one, or `last`; lcoms ls lists them';

/** Ids that a message names. */
const NAMED = 5;

/** The runs that `given` may mean: of that id, else the newest for `last`, else those whose id begins with it. */
export async function matchingRuns(store: ObjectStore, given: string): Promise<string[]> {
  const ids = await listRunIds(store);
  if (ids.includes(given)) return [given];
  if (given === LAST) return (await idsToName(store)).slice(0, 1);
  return given === '' ? [] : ids.filter((id) => id.startsWith(given)).sort();
}

/** The sweep of that id; null when there is none, or what is given can't be the id of one. */
export async function sweepNamed(store: ObjectStore, given: string): Promise<SweepPlan | null> {
  try {
    return await readSweepPlan(store, given);
  } catch (error) {
    if (error instanceof LcomsError && error.code === 'LCOMS_E_NOT_FOUND') return null;
    throw error;
  }
}

/** Newest first. Trials are too many to name: their sweep is what one looks at. */
async function idsToName(store: ObjectStore): Promise<string[]> {
  return (await listSummaries(store)).map(({ runId }) => runId).filter((runId) => trialOfId(runId) === null);
}

/** @throws LcomsError LCOMS_E_NOT_FOUND naming those that it may mean, the nearest, or the newest. */
export async function knownRun({ store }: Pick<Workplace, 'store'>, given: string): Promise<string> {
  const [run, ...others] = await matchingRuns(store.store, given);
  if (run !== undefined && others.length === 0) return run;
  if (run !== undefined) {
    const shown = [run, ...others].slice(0, NAMED).join(', ');
    const more = others.length + 1 - NAMED;
    throw new LcomsError(
      'LCOMS_E_NOT_FOUND',
      `"${given}" begins the ids of ${others.length + 1} runs: ${shown}${more > 0 ? ` and ${more} more` : ''}`,
      { hint: 'Give as much of the id as tells it from the others.' },
    );
  }
  const ids = await idsToName(store.store);
  const newest = ids.length === 0 ? ' There are no runs yet.' : ` The newest: ${ids.slice(0, NAMED).join(', ')}`;
  throw new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `there is no run "${given}" in ${store.store.describe()}.${didYouMean(given, [...ids, ...(await listSweepIds(store.store))])}${newest}`,
  );
}
