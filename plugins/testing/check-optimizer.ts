import type { Capabilities } from '../contract/define-plugin.js';
import type { Optimizer, Search, SearchResult, SearchSpace, Tell } from '../contract/optimizer.js';
import { type Checks, demand } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import type { TestContextOptions } from './test-context.js';
import { toySpace, toyStarts } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<Optimizer>;

/** A search that asks more often than this does not end. */
const MOST_ROUNDS = 100_000;

export async function checkOptimizer(checks: Checks, create: Create, capabilities: Capabilities): Promise<void> {
  const space = toySpace(capabilities.spaces?.[0] ?? 'latent');
  const starts = toyStarts();
  const begin = async () => (await create({})).start(space, starts);
  const first = await checks.run('a search leaves its input alone and ends', () =>
    unchanged([space, starts], async () => run(await begin(), space, bowl)),
  );
  if (!first) return;
  const k = starts.length / space.dimension;
  await checks.run('a result has a finite row per start', () => checkResult(first.result, space, k));
  await checks.run('values are those of the points', () => {
    const found = bowl(first.result.points, space.dimension).values;
    const off = found.reduce((most, v, i) => Math.max(most, Math.abs(v - (first.result.values[i] as number))), 0);
    demand(off < 1e-4, `a reported value differs by ${off} from the objective at its point`);
  });
  await checks.run('asked points are finite and inside the bounds', () => {
    demand(first.outside === 0 || capabilities.gradients === true, `${first.outside} coordinates lie outside`);
    demand(first.infinite === 0, `${first.infinite} coordinates are not finite`);
    demand(
      first.told === first.evaluations,
      `${first.told} evaluations were told, the search counts ${first.evaluations}`,
    );
  });
  await checks.run('same seed, same bytes', async () => {
    const second = run(await begin(), space, bowl);
    demand(fingerprint(second.result) === fingerprint(first.result), 'two searches with one seed differ');
  });
  await checks.run('a state goes on with the same bytes', async () => {
    for (const rounds of new Set([0, 1, Math.floor(first.rounds / 2), first.rounds - 1, first.rounds])) {
      const search = await begin();
      run(search, space, bowl, rounds);
      const state = search.state();
      const restored = (await create({})).restore(space, state.slice());
      const { result, evaluations, rounds: rest } = run(restored, space, bowl);
      demand(
        fingerprint(result) === fingerprint(first.result),
        `a search restored after ${rounds} rounds ends elsewhere`,
      );
      demand(
        rounds + rest === first.rounds && evaluations === first.evaluations,
        `a search restored after ${rounds} rounds does not go on from there: ${evaluations} evaluations, not ${first.evaluations}`,
      );
    }
  });
  await checks.run('failed evaluations do not spoil a search', async () => {
    const { result } = run(await begin(), space, patchy);
    demand(result.points.length === starts.length, 'the result lacks rows');
    demand(result.points.every(Number.isFinite), 'a point is not finite');
    demand(
      result.values.every((v) => Number.isNaN(v) || Number.isFinite(v)),
      'a value is infinite',
    );
  });
}

type Objective = (points: Float32Array, d: number) => { values: Float32Array; gradients: Float32Array };

/** Half the squared distance to (0.5, ..., 0.5). */
const bowl: Objective = (points, d) => ({
  values: Float32Array.from({ length: points.length / d }, (_, i) =>
    points.subarray(i * d, (i + 1) * d).reduce((sum, x) => sum + (x - 0.5) ** 2 / 2, 0),
  ),
  gradients: points.map((x) => x - 0.5),
});

/** The bowl, failing (NaN) wherever the second coordinate is over 1. */
const patchy: Objective = (points, d) => {
  const { values, gradients } = bowl(points, d);
  return { values: values.map((v, i) => ((points[i * d + 1] as number) > 1 ? Number.NaN : v)), gradients };
};

interface Run {
  result: SearchResult;
  rounds: number;
  told: number;
  evaluations: number;
  outside: number;
  infinite: number;
}

function run(search: Search, space: SearchSpace, objective: Objective, most = Number.POSITIVE_INFINITY): Run {
  const d = space.dimension;
  const seen = { rounds: 0, told: 0, outside: 0, infinite: 0 };
  while (seen.rounds < most) {
    const ask = search.ask();
    if (ask === null) break;
    demand(++seen.rounds <= MOST_ROUNDS, `the search still asks after ${MOST_ROUNDS} rounds`);
    demand(ask.points.length > 0 && ask.points.length % d === 0, `${ask.points.length} numbers were asked for`);
    ask.points.forEach((x, at) => {
      // Bounds are in double precision, points in single.
      const slack = 1e-6 * (1 + Math.abs(x));
      const inside = x >= (space.lower[at % d] as number) - slack && x <= (space.upper[at % d] as number) + slack;
      if (!inside) seen.outside++;
      if (!Number.isFinite(x)) seen.infinite++;
    });
    const { values, gradients } = objective(ask.points, d);
    const tell: Tell = ask.gradients ? { values, gradients } : { values };
    search.tell(tell);
    seen.told += values.length;
  }
  return { ...seen, result: search.result(), evaluations: search.evaluations };
}

function checkResult({ points, values, trace }: SearchResult, space: SearchSpace, k: number): void {
  demand(points.length === k * space.dimension, `${points.length} numbers for ${k} starts`);
  demand(values.length === k, `${values.length} values for ${k} starts`);
  demand([...points, ...values].every(Number.isFinite), 'a point or value is not finite');
  demand(trace.length === k, `${trace.length} traces for ${k} starts`);
  demand(new Set(trace.map(({ length }) => length)).size === 1, 'the traces have different lengths');
}
