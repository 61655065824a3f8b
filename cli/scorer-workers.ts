import type { RelaxationStep } from '../lib/relax/relax.js';
import type { ScorerIdentity } from '../schemas/score.js';
import type { Batch } from './crystal-batches.js';
import { openScorer } from './open-scorer.js';
import { ScorerPool } from './scorer-pool.js';
import { perform, type ScorerTask, type TaskResults } from './scorer-tasks.js';

/** Does tasks with a scorer: in this process, or in several others. The results are the same bytes. */
export interface ScorerWorkers {
  scorer: ScorerIdentity;
  /** Tasks that keep all of them busy. */
  ahead: number;
  perform<T extends ScorerTask>(task: T): Promise<TaskResults[T['type']]>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  use: string | undefined;
  options: string | undefined;
  /** Processes at most. */
  jobs: number;
  signal: AbortSignal;
  /** Hears of the steps of relaxations in this process. */
  onStep?: (step: RelaxationStep) => void;
}

/**
 * Workers for the batches: no more of them than there are batches, and none but this process for one.
 * @returns the workers, and the same batches
 * @throws LcomsError what opening the scorer throws.
 */
export async function workersFor(
  batches: AsyncGenerator<Batch>,
  options: WorkerOptions,
): Promise<{ workers: ScorerWorkers; batches: AsyncGenerator<Batch> }> {
  const first: Batch[] = [];
  while (first.length < options.jobs) {
    const next = await batches.next();
    if (next.done) break;
    first.push(next.value);
  }
  const again = (async function* () {
    yield* first;
    yield* batches;
  })();
  const workers = first.length > 1 ? await pool(first.length, options) : await here(options);
  return { workers, batches: again };
}

async function pool(count: number, { use, options }: WorkerOptions): Promise<ScorerWorkers> {
  const processes = await ScorerPool.open(count, use, options);
  return {
    scorer: processes.scorer,
    ahead: 2 * count,
    perform: (task) => processes.perform(task),
    close: async () => processes.close(),
  };
}

async function here({ use, options, signal, onStep }: WorkerOptions): Promise<ScorerWorkers> {
  const scorer = await openScorer(use, options);
  return {
    scorer: scorer.identity,
    ahead: 1,
    perform: async <T extends ScorerTask>(task: T) =>
      (await perform(task, scorer, signal, onStep)) as TaskResults[T['type']],
    close: () => scorer.dispose(),
  };
}
