import type { Ask, Search, Tell } from '../../plugins/contract/optimizer.js';
import type { StepContext } from './context.js';

/** Seconds between checkpoints of a search. */
const CHECKPOINT_SECONDS = 20;

/** Values (and gradients, when asked for) of points, in the order asked; NaN where the evaluation failed. */
export type Objective = (ask: Ask) => Promise<Tell>;

/** What a checkpoint of the step holds, by blob name. */
export type SearchStates = () => { name: string; bytes: Uint8Array }[];

/** Asks, evaluates and tells until the search has ended, with progress and checkpoints. */
export async function driveSearch(
  context: StepContext,
  search: Search,
  objective: Objective,
  states: SearchStates = () => [{ name: 'search.bin', bytes: search.state() }],
): Promise<void> {
  for (let request = search.ask(); request !== null; request = search.ask()) {
    context.signal.throwIfAborted();
    search.tell(await objective(request));
    context.tick({ done: search.evaluations, total: 0, unit: 'evaluations' });
    const { checkpoint } = context.pluginContext;
    if (checkpoint.due(search.evaluations, CHECKPOINT_SECONDS)) await checkpoint.save(search.evaluations, states(), {});
  }
}
