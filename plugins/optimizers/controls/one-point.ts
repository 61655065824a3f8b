import type { Rng } from '../../../lib/random/rng.js';
import type { Optimizer, SearchSpace } from '../../contract/optimizer.js';
import type { BoxRow } from '../box-method.js';
import { BoxSearch } from '../box-search.js';

/** Proposes one point per start, which chance gives, and evaluates it once: nothing is optimized. */
export function onePoint(
  name: string,
  rng: Rng,
  /** The point in the unit cube. */
  choose: (row: BoxRow, space: SearchSpace) => Float64Array,
): Optimizer {
  const searchOf = (space: SearchSpace): Optimizer =>
    BoxSearch.optimizer(name, 1, rng, (row) => ({
      propose: () => choose(row, space),
      learn: () => {},
      state: () => ({ values: {}, arrays: {} }),
    }));
  return {
    start: (space, starts) => searchOf(space).start(space, starts),
    restore: (space, state) => searchOf(space).restore(space, state),
  };
}
