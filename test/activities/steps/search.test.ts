import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { search } from '../../../activities/steps/search.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { relax } from '../../../lib/relax/relax.js';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import { evolution } from '../../../plugins/optimizers/evolution/index.js';
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
  info: Record<string, unknown>;
  blobs: Map<string, Uint8Array>;
}

const randomly = (budget: number) =>
  random.create(random.options.parse({ budget, batch: 8 }), testContext({ seed: 'o' }));
const evolving = (budget: number) =>
  evolution.create(
    evolution.options.parse({ budget, population: 5, minDistanceRatio: 0.4 }),
    testContext({ seed: 'o' }),
  );

/** A step's context in memory: argon in a Lennard-Jones potential, searched at random. */
function contextOf(
  starts: Crystal[],
  budget: number,
  options: Record<string, unknown> = {},
  saved: Saved | null = null,
  make: (budget: number) => unknown = randomly,
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
    create: async () => (await make(budget)) as Optimizer,
    pluginContext: {
      checkpoint: {
        latest: async () =>
          saved && { step: saved.step, info: saved.info, load: async (name: string) => saved.blobs.get(name) },
        due: () => true,
        save: async (step: number, blobs: { name: string; bytes: Uint8Array }[], info: Record<string, unknown>) => {
          checkpoints.push({ step, info, blobs: new Map(blobs.map(({ name, bytes }) => [name, bytes])) });
        },
      },
    },
  } as unknown as StepContext;
  return { context, checkpoints };
}

const crystalsIn = (blobs: { bytes: Uint8Array }[]): Crystal[] =>
  Buffer.from(blobs[0]?.bytes ?? [])
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Crystal);

const crystalsOf = async (context: StepContext): Promise<Crystal[]> => crystalsIn((await search(context)).blobs);

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

  it('evolves crystals that were relaxed: the best comes out as relaxed, and is close packing', async () => {
    const { context } = contextOf([start('Ar', 'Ar'), start('Ar')], 30, { relaxSteps: 100 }, null, evolving);
    const { blobs, metrics } = await search(context);
    expect(metrics).toMatchObject({ tries: 2, evaluations: 60, rejected: 0 });
    expect(metrics['redrawn']).toBeGreaterThan(0);
    const [two, one] = crystalsIn(blobs);
    expect(two?.species).toHaveLength(2);
    const scorer = await lennardJones.create(lennardJones.options.parse({}), testContext({}));
    const [energies] = await Promise.all([scorer.evaluate([two as Crystal, one as Crystal])]);
    const perAtom = energies.map((e, i) => (e as { energy: number }).energy / (2 - i));
    // fcc and hcp, the two lowest, differ by a thousandth.
    expect(perAtom[0]).toBeLessThan(0.99 * (perAtom[1] as number));
    expect([225, 194, 139, 63]).toContain(symmetry(two as Crystal, 0.1).number);
    expect(symmetry(one as Crystal, 0.1).number).toBe(225);
    const again = await search(
      contextOf([start('Ar', 'Ar'), start('Ar')], 30, { relaxSteps: 100 }, null, evolving).context,
    );
    expect(crystalsIn(again.blobs)).toEqual([two, one]);
  });

  it('takes what has relaxed into no solid for a failure', async () => {
    const hole = {
      evaluate: async (crystals: Crystal[]) =>
        crystals.map(() => ({ energy: -1e6, forces: new Float64Array(9), stress: new Float64Array(9) })),
    };
    const { context } = contextOf([start('Ar', 'Ar')], 5, {
      relaxSteps: 1,
      minDistanceRatio: 0.1,
      minVolume: 0.1,
      maxVolume: 0.5,
    });
    await expect(search({ ...context, loaded: async () => hole } as unknown as StepContext)).rejects.toMatchObject({
      code: 'LCOMS_E_RUN_FAILED',
    });
  });

  it('goes on from a checkpoint with the same bytes, CPU seconds added up', async () => {
    const starts = [start('Ar', 'Ar'), start('Ar')];
    for (const make of [randomly, evolving]) {
      const whole = contextOf(starts, 20, { relaxSteps: 20, cpuSeconds: 1000 }, null, make);
      const { blobs } = await search(whole.context);
      expect(whole.checkpoints.length).toBeGreaterThan(4);
      for (const saved of whole.checkpoints) {
        const spent = saved.info['cpuSeconds'] as number[];
        expect(spent).toHaveLength(2);
        expect(spent[0]).toBeGreaterThan(0);
        const earlier = { ...saved, info: { cpuSeconds: [400, 20] } };
        const rest = await search(contextOf(starts, 20, { relaxSteps: 20, cpuSeconds: 1000 }, earlier, make).context);
        expect(rest.blobs).toEqual(blobs);
        expect(rest.metrics['cpuSeconds']).toBeGreaterThanOrEqual(420);
      }
    }
  });

  it('stops by CPU seconds and gives what it has by then', async () => {
    const { context } = contextOf([start('Ar'), start('Ar')], 5000, { cpuSeconds: 1e-6 });
    const { metrics, blobs } = await search(context);
    expect(metrics).toMatchObject({ evaluations: 16, stoppedBy: 'cpuSeconds', cpuSecondsBudget: 2e-6 });
    expect(crystalsIn(blobs)).toHaveLength(2);
  });

  it('searches the space groups given, and says so when none of them holds the atoms', async () => {
    const [crystal] = await crystalsOf(contextOf([start('Ar')], 20, { spaceGroups: [225] }).context);
    expect(symmetry(crystal as Crystal, 0.01).number).toBe(225);
    await expect(
      search(contextOf([start('Na', 'Cl', 'Cl')], 20, { spaceGroups: [221] }).context),
    ).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      message: expect.stringMatching(/no Wyckoff combination of the space groups 221 holds 3 atoms of NaCl2/) as string,
    });
  });

  it('says so when nothing was found', async () => {
    await expect(search(contextOf([start('Ar', 'Ar')], 5, { minDistanceRatio: 40 }).context)).rejects.toMatchObject({
      code: 'LCOMS_E_RUN_FAILED',
      hint: expect.stringContaining('larger budget') as string,
    });
  });
});
