import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { search } from '../../../activities/steps/search.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { relax } from '../../../lib/relax/relax.js';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import { random } from '../../../plugins/optimizers/random/index.js';
import { lennardJones } from '../../../plugins/scorers/lennard-jones/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../schemas/crystal.js';

const start = (...species: string[]): Crystal => ({
  lattice: [
    [9, 0, 0],
    [0, 9, 0],
    [0, 0, 9],
  ],
  species,
  frac: species.map((_, i) => [i / species.length, 0, 0]),
});

interface Saved {
  step: number;
  blobs: Map<string, Uint8Array>;
}

/** A step's context in memory: argon in a Lennard-Jones potential, searched at random. */
function contextOf(
  starts: Crystal[],
  budget: number,
  options: Record<string, unknown> = {},
  saved: Saved | null = null,
) {
  const checkpoints: Saved[] = [];
  const rows = Buffer.from(starts.map((c) => `${JSON.stringify(c)}\n`).join(''));
  const scorer = lennardJones.create(lennardJones.options.parse({}), testContext({}));
  const context = {
    node: {
      id: 'search/Ar',
      options: {
        ...{ formula: 'Ar', relaxSteps: 0, minDistanceRatio: 0.4, minVolume: 0.4, maxVolume: 60, maxGap: 9 },
        ...options,
      },
      plugin: { id: 'optimizer/random', options: {} },
      helpers: { scorer: { id: 'scorer/lennard-jones', options: {} } },
    },
    rng: Rng.from('search'),
    signal: new AbortController().signal,
    tick: () => {},
    log: () => {},
    input: () => ({}),
    blob: async () => rows,
    loaded: async () => await scorer,
    create: async () =>
      (await random.create(random.options.parse({ budget, batch: 8 }), testContext({ seed: 'o' }))) as Optimizer,
    pluginContext: {
      checkpoint: {
        latest: async () =>
          saved && { step: saved.step, info: {}, load: async (name: string) => saved.blobs.get(name) },
        save: async (step: number, blobs: { name: string; bytes: Uint8Array }[]) => {
          checkpoints.push({ step, blobs: new Map(blobs.map(({ name, bytes }) => [name, bytes])) });
        },
      },
    },
  } as unknown as StepContext;
  return { context, checkpoints };
}

const crystalsOf = async (context: StepContext): Promise<Crystal[]> =>
  Buffer.from((await search(context)).blobs[0]?.bytes ?? [])
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Crystal);

describe('a search over structures', () => {
  it('gives each try the best crystal of its own number of atoms, the same for the same seed', async () => {
    const starts = [start('Ar', 'Ar'), start('Ar'), start('Ar', 'Ar')];
    const found = await crystalsOf(contextOf(starts, 60).context);
    expect(found.map(({ species }) => species.length)).toEqual([2, 1, 2]);
    for (const crystal of found) expect(minimumDistanceRatio(crystal)).toBeGreaterThanOrEqual(0.4);
    expect(found[0]).not.toEqual(found[2]);
    expect(await crystalsOf(contextOf(starts, 60).context)).toEqual(found);
  });

  it('finds lower energies with a larger budget, and close packing in the end', async () => {
    const scorer = await lennardJones.create(lennardJones.options.parse({}), testContext({}));
    const energyOf = async (budget: number, options = {}) => {
      const [best] = await crystalsOf(contextOf([start('Ar')], budget, options).context);
      const [found] = await scorer.evaluate([best as Crystal]);
      return { energy: (found as { energy: number }).energy, crystal: best as Crystal };
    };
    const few = await energyOf(10);
    const many = await energyOf(400);
    expect(many.energy).toBeLessThanOrEqual(few.energy);
    // One atom in the cell, so lattices alone: judged as relaxed, the best point lies in the basin of the lowest, fcc.
    const [point] = await crystalsOf(contextOf([start('Ar')], 60, { relaxSteps: 100 }).context);
    const relaxed = await relax((crystals) => scorer.evaluate(crystals), point as Crystal, { maxSteps: 500 });
    expect(relaxed.converged).toBe(true);
    expect(symmetry(relaxed.crystal, 0.1).number).toBe(225);
  });

  it('says so when nothing was found', async () => {
    await expect(search(contextOf([start('Ar', 'Ar')], 5, { minDistanceRatio: 40 }).context)).rejects.toMatchObject({
      code: 'LCOMS_E_RUN_FAILED',
      hint: expect.stringContaining('larger budget') as string,
    });
  });
});
