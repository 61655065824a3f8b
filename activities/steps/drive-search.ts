import type { Ask, Search, Tell } from '../../plugins/contract/optimizer.js';
import type { StepContext } from './context.js';
import type { CpuBudget } from './cpu-budget.js';

/** Seconds between checkpoints of a search. */
const CHECKPOINT_SECONDS = 20;

/** Values (and gradients or crystals, when asked for) in the order asked; NaN where the evaluation failed. */
export type Objective = (ask: Ask) => Promise<Tell>;

/** One of the searches of a node: a node has several where its tries differ in their number of atoms. */
export interface DrivenSearch {
  /** Its blob in a checkpoint. */
  name: string;
  search: Search;
  budget: CpuBudget;
}

/**
 * Asks, evaluates and tells until the search has ended or its CPU budget is passed, with progress and checkpoints.
 * @param all every search of the node: a checkpoint holds them all
 */
export async function driveSearch(
  context: StepContext,
  own: DrivenSearch,
  objective: Objective,
  all: readonly DrivenSearch[] = [own],
): Promise<void> {
  const { search, budget } = own;
  const { checkpoint } = context.pluginContext;
  budget.start();
  // The first batch is evaluated whatever the budget: without one there is nothing to give back.
  while (!budget.passed || search.evaluations === 0) {
    const request = search.ask();
    if (request === null) break;
    context.signal.throwIfAborted();
    search.tell(await objective(request));
    context.tick({ done: search.evaluations, total: 0, unit: 'evaluations' });
    if (checkpoint.due(search.evaluations, CHECKPOINT_SECONDS)) {
      const states = all.map((one) => ({ name: one.name, bytes: one.search.state() }));
      const cpuSeconds = all.map((one) => one.budget.seconds);
      await checkpoint.save(search.evaluations, states, { cpuSeconds });
    }
  }
  budget.stop();
}
