import type { Crystal } from '../../schemas/crystal.js';
import type { Ask, Search, SearchResult, SearchSpace, Tell } from '../contract/optimizer.js';
import { demand } from './checks.js';
import { toyFeatures } from './toy-inputs.js';

/** A search that asks more often than this does not end. */
const MOST_ROUNDS = 100_000;

export type Objective = (points: Float32Array, d: number) => { values: Float32Array; gradients: Float32Array };

/** Half the squared distance to (0.5, ..., 0.5). */
export const bowl: Objective = (points, d) => ({
  values: Float32Array.from({ length: points.length / d }, (_, i) =>
    points.subarray(i * d, (i + 1) * d).reduce((sum, x) => sum + (x - 0.5) ** 2 / 2, 0),
  ),
  gradients: points.map((x) => x - 0.5),
});

/** The bowl, failing (NaN) wherever the second coordinate is over 1. */
export const patchy: Objective = (points, d) => {
  const { values, gradients } = bowl(points, d);
  return { values: values.map((v, i) => ((points[i * d + 1] as number) > 1 ? Number.NaN : v)), gradients };
};

/** What a search asked for while it was driven. */
export interface Run {
  result: SearchResult;
  rounds: number;
  told: number;
  evaluations: number;
  outside: number;
  infinite: number;
}

/** Fails everywhere. */
export const hopeless: Objective = (points, d) => {
  const { values, gradients } = bowl(points, d);
  return { values: values.fill(Number.NaN), gradients: gradients.fill(Number.NaN) };
};

/** Asks, evaluates and tells, `most` times or to the end. */
export function run(search: Search, space: SearchSpace, objective: Objective, most = Number.POSITIVE_INFINITY): Run {
  const seen = { rounds: 0, told: 0, outside: 0, infinite: 0 };
  while (seen.rounds < most) {
    const ask = search.ask();
    if (ask === null) break;
    demand(++seen.rounds <= MOST_ROUNDS, `the search still asks after ${MOST_ROUNDS} rounds`);
    if (!ask.crystals) look(ask.points, space, seen);
    else seen.outside += ask.crystals.filter((crystal) => space.structures?.refusal(crystal) !== null).length;
    const { rows, width } = rowsOf(ask, space);
    demand(rows.length > 0 && rows.length % width === 0, `${rows.length} numbers were asked for`);
    const { values, gradients } = objective(rows, width);
    const tell: Tell = ask.gradients ? { values, gradients } : { values };
    search.tell(
      ask.crystals ? { ...tell, crystals: ask.crystals.map((c, i) => (Number.isNaN(values[i]) ? null : c)) } : tell,
    );
    seen.told += values.length;
  }
  return { ...seen, result: search.result(), evaluations: search.evaluations };
}

/** What the objective sees of points or crystals, and numbers in a row of it. */
export function rowsOf(
  { points, crystals }: Pick<Ask, 'points'> & { crystals?: readonly (Crystal | null)[] },
  { dimension }: SearchSpace,
): { rows: Float32Array; width: number } {
  if (!crystals) return { rows: points, width: dimension };
  return { rows: toyFeatures(crystals.filter((crystal) => crystal !== null)), width: 4 };
}

function look(points: Float32Array, { lower, upper }: SearchSpace, seen: { outside: number; infinite: number }): void {
  points.forEach((x, at) => {
    // Bounds are in double precision, points in single.
    const slack = 1e-6 * (1 + Math.abs(x));
    const j = at % lower.length;
    if (!(x >= (lower[j] as number) - slack && x <= (upper[j] as number) + slack)) seen.outside++;
    if (!Number.isFinite(x)) seen.infinite++;
  });
}
