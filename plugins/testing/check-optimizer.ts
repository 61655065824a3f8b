import { Rng } from '../../lib/random/rng.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { Capabilities } from '../contract/define-plugin.js';
import type { Ask, Optimizer, SearchResult, SearchSpace } from '../contract/optimizer.js';
import { type Checks, demand } from './checks.js';
import { fingerprint, unchanged } from './fingerprint.js';
import { bowl, hopeless, patchy, rowsOf, run } from './search-run.js';
import type { TestContextOptions } from './test-context.js';
import { toySpace, toyStarts } from './toy-inputs.js';

type Create = (context: TestContextOptions) => Promise<Optimizer>;

/** @param budget the option of that name, where the plugin has one: evaluations per start, kept exactly */
export async function checkOptimizer(
  checks: Checks,
  create: Create,
  capabilities: Capabilities,
  budget?: number,
): Promise<void> {
  const space = toySpace(capabilities.spaces?.[0] ?? 'latent');
  const starts = toyStarts(space);
  const begin = async () => (await create({})).start(space, starts);
  const first = await checks.run('a search leaves its input alone and ends', () =>
    unchanged([space, starts], async () => run(await begin(), space, bowl)),
  );
  if (!first) return;
  const k = starts.length / space.dimension;
  await checks.run('a result has a finite row per start', () => checkResult(first.result, space, k));
  await checks.run('values are those of the points', () => {
    const { rows, width } = rowsOf(first.result, space);
    const found = bowl(rows, width).values;
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
  if (budget !== undefined) {
    await checks.run('a budget is kept exactly', () => {
      demand(first.told === k * budget, `${first.told} evaluations for ${k} starts with a budget of ${budget}`);
    });
  }
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
  await checks.run('a state between ask and tell holds what was asked', async () => {
    const rng = Rng.from('states');
    for (let attempt = 0; attempt < 4; attempt++) {
      const rounds = rng.int(first.rounds);
      const search = await begin();
      run(search, space, bowl, rounds);
      const asked = fingerprint(search.ask());
      const restored = (await create({})).restore(space, search.state());
      demand(
        fingerprint(restored.ask()) === asked && fingerprint(search.ask()) === asked,
        `what round ${rounds} asks for changes when it is asked again or restored`,
      );
      demand(
        fingerprint(run(restored, space, bowl).result) === fingerprint(first.result),
        `a search restored between ask and tell of round ${rounds} ends elsewhere`,
      );
    }
  });
  await checks.run('failed evaluations do not spoil a search', async () => {
    for (const objective of [patchy, hopeless]) {
      const { result } = run(await begin(), space, objective);
      demand(
        (result.crystals ?? result.points).length === (result.crystals ? k : starts.length),
        'the result lacks rows',
      );
      const { rows, width } = rowsOf(result, space);
      demand(rows.every(Number.isFinite), 'a point is not finite');
      const { values } = objective(rows, width);
      // A start without any success has no crystal.
      const told = result.values.filter((_, i) => result.crystals?.[i] !== null);
      told.forEach((v, i) => {
        const found = values[i] as number;
        demand(Number.isNaN(v) || Math.abs(v - found) < 1e-4, `a value is ${v} where evaluation gives ${found}`);
      });
    }
  });
  await checks.run('what does not fit is refused', async () => {
    const search = await begin();
    const { points, crystals } = search.ask() as Ask;
    const values = new Float32Array((crystals?.length ?? points.length / space.dimension) + 1);
    const gradients = new Float32Array(values.length * space.dimension);
    const told = crystals && { crystals: [...crystals, crystals[0] as Crystal] };
    refuses('a value too many', () => search.tell({ values, gradients, ...told }));
    const optimizer = await create({});
    refuses('half a start', () => optimizer.start(space, starts.slice(1)));
    // Descent along gradients need not know the box.
    if (capabilities.gradients === true) return;
    refuses('reversed bounds', () => optimizer.start({ ...space, lower: space.upper, upper: space.lower }, starts));
    const open = space.upper.map(() => Number.POSITIVE_INFINITY);
    refuses('infinite bounds', () => optimizer.start({ ...space, upper: open }, starts));
  });
}

function refuses(what: string, body: () => unknown): void {
  let thrown = false;
  try {
    body();
  } catch {
    thrown = true;
  }
  demand(thrown, `${what} is taken without a word`);
}

function checkResult({ points, values, trace, crystals }: SearchResult, space: SearchSpace, k: number): void {
  if (crystals)
    demand(crystals.length === k && !crystals.includes(null), `${crystals.length} crystals for ${k} starts`);
  else demand(points.length === k * space.dimension, `${points.length} numbers for ${k} starts`);
  demand(values.length === k, `${values.length} values for ${k} starts`);
  demand([...points, ...values].every(Number.isFinite), 'a point or value is not finite');
  demand(trace.length === k, `${trace.length} traces for ${k} starts`);
  demand(new Set(trace.map(({ length }) => length)).size === 1, 'the traces have different lengths');
}
