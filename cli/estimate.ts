import os from 'node:os';
import { listRunIds, readPlan, readStatus } from '../activities/run-files.js';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import { LcomsError } from '../schemas/errors.js';
import type { Queue } from '../schemas/node.js';
import { duration } from './output.js';
import { groupOf, type NodeGroup, type Snapshot } from './progress.js';

/** Earlier runs that are looked at. */
const HISTORY = 5;

/** Mean seconds of a node by its id in the pipeline, from earlier runs: those of the same name count first. */
export async function earlierDurations(store: ObjectStore, name: string): Promise<Map<string, number>> {
  const ids = (await listRunIds(store)).sort().reverse();
  const chosen = [...ids.filter((id) => id.startsWith(`${name}-`)), ...ids.filter((id) => !id.startsWith(`${name}-`))];
  const means = new Map<string, number>();
  for (const id of chosen.slice(0, HISTORY)) {
    const found = new Map<string, number[]>();
    const status = await readStatus(store, id).catch(unlessUnreadable);
    const plan = status && (await readPlan(store, id).catch(unlessUnreadable));
    for (const { id: node, seconds } of plan ? status.nodes : []) {
      if (seconds === null) continue;
      const list = found.get(groupOf(node));
      if (list) list.push(seconds);
      else found.set(groupOf(node), [seconds]);
    }
    for (const [group, seconds] of found) if (!means.has(group)) means.set(group, mean(seconds));
  }
  return means;
}

/** A record of another version says nothing of durations; a store that is away does. */
function unlessUnreadable(error: unknown): null {
  if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT') return null;
  throw error;
}

/** What is left of a run. */
export interface Remaining {
  seconds: number;
  /** Whether every step that is to come has a known duration; otherwise it takes longer. */
  complete: boolean;
}

/** `about 3 min 05 s left`, `at least 12 s left`; '' when nothing is known. */
export function remainingText(left: Remaining | null): string {
  if (left === null || (!left.complete && left.seconds < 1)) return '';
  return `${left.complete ? 'about' : 'at least'} ${duration(left.seconds)} left`;
}

/** Estimates what is left: the rate of the nodes under way, mean durations for those that wait. */
export class Estimator {
  readonly #first = new Map<string, { at: number; done: number }>();

  constructor(
    private readonly groups: readonly NodeGroup[],
    private readonly earlier: ReadonlyMap<string, number>,
    private readonly cores: number = os.availableParallelism(),
  ) {}

  /** `now` in seconds. */
  remaining({ report, live }: Snapshot, now: number): Remaining {
    const rates = new Map<string, number | null>();
    for (const { id, state, progress } of live) {
      if (state === 'running') rates.set(id, this.#restOf(id, progress, now));
    }
    const records = new Map(report?.nodes.map((record) => [record.id, record]));
    let seconds = 0;
    let complete = true;
    for (const { id, nodes } of this.groups) {
      const states = nodes.map((node) => records.get(node.id));
      const measured = states.flatMap((r) => (r?.state === 'succeeded' && r.seconds !== null ? [r.seconds] : []));
      const typical = measured.length > 0 ? mean(measured) : this.earlier.get(id);
      let rest = 0;
      for (const [i, node] of nodes.entries()) {
        const state = states[i]?.state ?? 'queued';
        if (state !== 'queued' && state !== 'running') continue;
        const left = rates.get(node.id) ?? typical;
        if (left === undefined) complete = false;
        else rest += left;
      }
      seconds += rest / Math.min(nodes.length, this.#parallel(nodes[0]?.queue ?? 'cpu'));
    }
    return { seconds, complete };
  }

  #restOf(id: string, progress: { done: number; total: number } | null, now: number): number | null {
    if (progress === null) return null;
    const first = this.#first.get(id);
    // Before the first step nothing is known, not even where a checkpoint lets it begin.
    if (first === undefined || progress.done < first.done || first.done === 0) {
      this.#first.set(id, { at: now, done: progress.done });
      return null;
    }
    const rate = (progress.done - first.done) / (now - first.at);
    return rate > 0 ? Math.max(0, progress.total - progress.done) / rate : null;
  }

  #parallel(queue: Queue): number {
    return { cpu: 1, io: 4, score: this.cores }[queue];
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
