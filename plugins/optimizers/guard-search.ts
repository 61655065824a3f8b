import { LcomsError } from '../../schemas/errors.js';
import type { Ask, Search, SearchResult, SearchSpace } from '../contract/optimizer.js';

export interface GuardOptions {
  /** Id of the plugin, for messages. */
  optimizer: string;
  /** Rows that the result must have. */
  starts: number;
  /** The plugin declares `gradients`: it may ask for them, and leave the box. */
  gradients: boolean;
}

/** Bounds are in double precision, points in single. */
const slack = (x: number): number => 1e-6 * (1 + Math.abs(x));

/**
 * A search whose questions and answer are checked, so that a faulty optimizer is named where it fails rather than where
 * its numbers come out.
 *
 * `ask` and `result` throw LcomsError LCOMS_E_PLUGIN_INVALID for points that are not whole rows, not finite or (unless
 * the plugin declares gradients) outside the box, for gradients that it does not declare, and for a result without a
 * point and a value per start. A row without a value, where all evaluations failed, may be a start outside the box.
 * Likewise for a search that asks for crystals: each must be one of the space's, and there must be one per start.
 */
export function guardSearch(search: Search, space: SearchSpace, options: GuardOptions): Search {
  const { optimizer, starts, gradients } = options;
  const d = space.dimension;
  const fail = (what: string) => new LcomsError('LCOMS_E_PLUGIN_INVALID', `${optimizer} ${what}`);

  const checkPoint = (points: Float32Array, row: number, did: string, mayLeave: boolean): void => {
    for (let j = 0; j < d; j++) {
      const x = points[row * d + j] as number;
      if (!Number.isFinite(x)) throw fail(`${did} a point that is not finite: coordinate ${j} of point ${row} is ${x}`);
      const [low, high] = [space.lower[j] as number, space.upper[j] as number];
      if (mayLeave || (x >= low - slack(low) && x <= high + slack(high))) continue;
      throw fail(`${did} a point outside the bounds: coordinate ${j} of point ${row} is ${x}, not ${low} to ${high}`);
    }
  };

  return {
    ask: (): Ask | null => {
      const ask = search.ask();
      if (ask === null) return null;
      if (ask.crystals) {
        checkCrystals(ask, space, fail);
        return ask;
      }
      const rows = ask.points.length / d;
      if (rows === 0 || !Number.isInteger(rows)) {
        throw fail(`asked for ${ask.points.length} numbers, which are not whole points of dimension ${d}`);
      }
      if (ask.gradients && !gradients) throw fail('asks for gradients, which its capabilities do not declare');
      for (let row = 0; row < rows; row++) checkPoint(ask.points, row, 'asked for', gradients);
      return ask;
    },
    tell: (results) => search.tell(results),
    result: (): SearchResult => {
      const result = search.result();
      const { points, values, trace, crystals } = result;
      const given = crystals ? crystals.length : points.length / d;
      if (given !== starts || values.length !== starts || trace.length !== starts) {
        throw fail(
          `gives ${given} ${crystals ? 'crystals' : 'points'}, ${values.length} values and ${trace.length} traces for ${starts} starts`,
        );
      }
      if (crystals) return result;
      for (let row = 0; row < starts; row++) {
        checkPoint(points, row, 'gives', gradients || Number.isNaN(values[row]));
      }
      return result;
    },
    get evaluations() {
      return search.evaluations;
    },
    get counts() {
      return search.counts ?? {};
    },
    state: () => search.state(),
  };
}

function checkCrystals({ crystals = [], points }: Ask, space: SearchSpace, fail: (what: string) => LcomsError): void {
  if (!space.structures) throw fail(`asked for crystals in a ${space.kind} space, which has none`);
  if (crystals.length === 0 || points.length > 0)
    throw fail(`asked for ${crystals.length} crystals and ${points.length} numbers: it must be one of the two`);
  for (const [i, crystal] of crystals.entries()) {
    const refused = space.structures.refusal(crystal);
    if (refused !== null) throw fail(`asked for a crystal that is none of the space: ${refused} in crystal ${i}`);
  }
}
