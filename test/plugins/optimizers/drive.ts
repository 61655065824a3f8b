import type { Optimizer, Search, SearchSpace } from '../../../plugins/contract/optimizer.js';

/** Value and gradient of a function at one point. */
export type Objective = (point: Float32Array) => { value: number; gradient: Float32Array };

/** Sum of (x_j - centre)^2 * stiffness_j / 2. */
export function quadratic(centre: number, stiffness: readonly number[]): Objective {
  return (point) => {
    const gradient = point.map((x, j) => (stiffness[j] as number) * (x - centre));
    const value = point.reduce((sum, x, j) => sum + ((stiffness[j] as number) * (x - centre) ** 2) / 2, 0);
    return { value, gradient };
  };
}

/** Asks, evaluates and tells `rounds` times, or to the end. Returns the number of points asked in each round. */
export function drive(search: Search, space: SearchSpace, objective: Objective, rounds = Infinity): number[] {
  const d = space.dimension;
  const asked: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ask = search.ask();
    if (ask === null) break;
    const n = ask.points.length / d;
    const found = Array.from({ length: n }, (_, i) => objective(ask.points.subarray(i * d, (i + 1) * d)));
    const values = Float32Array.from(found, ({ value }) => value);
    if (ask.gradients) {
      search.tell({ values, gradients: Float32Array.from(found.flatMap(({ gradient }) => [...gradient])) });
    } else search.tell({ values });
    asked.push(n);
  }
  return asked;
}

/** A box around the origin with reference points. */
export function box(dimension: number, reference: Float32Array = new Float32Array(0), half = 3): SearchSpace {
  return {
    kind: 'latent',
    dimension,
    lower: new Float64Array(dimension).fill(-half),
    upper: new Float64Array(dimension).fill(half),
    reference,
  };
}

/** Every state of a search, taken to a new search after each round, gives the result of one that was left alone. */
export function resultThroughStates(optimizer: Optimizer, space: SearchSpace, starts: Float32Array, f: Objective) {
  let search = optimizer.start(space, starts);
  while (search.ask() !== null) {
    search = optimizer.restore(space, search.state());
    drive(search, space, f, 1);
  }
  return search;
}
