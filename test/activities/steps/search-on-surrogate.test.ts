import { beforeAll, describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { search } from '../../../activities/steps/search.js';
import { trainSurrogate } from '../../../activities/steps/train-surrogate.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { Rng } from '../../../lib/random/rng.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import type { Optimizer } from '../../../plugins/contract/optimizer.js';
import type { StructureModel, StructureSurrogate } from '../../../plugins/contract/surrogate.js';
import { random } from '../../../plugins/optimizers/random/index.js';
import { graphNetwork } from '../../../plugins/surrogates/graph-network/index.js';
import { testContext } from '../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { stretchedCrystals } from '../../plugins/surrogates/graph-network/crystals.js';

const jsonl = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const OPTIONS = { width: 16, blocks: 2, radialFunctions: 16, batchSize: 8, epochs: 30 };
let model: StructureModel;

/** Trained by the step itself, from a data set artifact without latents. */
beforeAll(async () => {
  await initBackend();
  const { train, validation, targets } = stretchedCrystals();
  const part = (crystals: Crystal[], energies: Float64Array) => crystals.map((c, i) => ({ ...c, target: energies[i] }));
  const blobs: Record<string, Buffer> = {
    'info.json': Buffer.from('{}'),
    'train.jsonl': jsonl(part(train, targets.train)),
    'validation.jsonl': jsonl(part(validation, targets.validation)),
    'held-out.jsonl': jsonl([]),
  };
  const surrogate = (await graphNetwork.create(
    graphNetwork.options.parse(OPTIONS),
    testContext(),
  )) as StructureSurrogate;
  const trained = await trainSurrogate({
    node: { plugin: { id: 'surrogate/graph-network' }, options: {} },
    input: (name: string) => {
      expect(name).toBe('data');
      return { artifact: { blobs: [] } };
    },
    blob: async (_: unknown, name: string) => blobs[name],
    create: async () => surrogate,
  } as unknown as StepContext);
  model = await surrogate.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
});

interface Asked {
  species: string[];
  budget?: number;
  relaxSteps?: number;
  from?: StructureModel;
}

/** The crystal that a random search on the surrogate gives. */
async function found({ species, budget = 24, relaxSteps = 0, from = model }: Asked): Promise<Crystal> {
  const lattice = [
    [9, 0, 0],
    [0, 9, 0],
    [0, 0, 9],
  ];
  const start = { lattice, species, frac: species.map((_, i) => [i / species.length, 0, 0]) };
  const context = {
    node: {
      id: 'search/X',
      options: { formula: 'X', relaxSteps, minDistanceRatio: 0.4, minVolume: 0.4, maxVolume: 2.4, maxGap: 7 },
      plugin: { id: 'optimizer/random', options: {} },
      helpers: { surrogate: { id: 'surrogate/graph-network', options: {} } },
    },
    rng: Rng.from('search'),
    signal: new AbortController().signal,
    tick: () => {},
    log: () => {},
    input: () => ({ artifact: { digest: 'x' } }),
    blob: async () => jsonl([start]),
    loaded: async () => from,
    create: async () =>
      (await random.create(random.options.parse({ budget, batch: 8 }), testContext({ seed: 'o' }))) as Optimizer,
    pluginContext: { checkpoint: { latest: async () => null, due: () => false, save: async () => {} } },
  } as unknown as StepContext;
  const { blobs } = await search(context);
  return JSON.parse(Buffer.from(blobs[0]?.bytes ?? []).toString('utf8')) as Crystal;
}

const energyOf = async (crystal: Crystal): Promise<number> => (await model.energies([crystal]))[0] as number;

describe('a search over structures on a surrogate', () => {
  it('finds what the surrogate says is lower with a larger budget, within the guards', async () => {
    const species = ['Mg', 'O'];
    const few = await found({ species, budget: 8 });
    const many = await found({ species, budget: 120 });
    expect(await energyOf(many)).toBeLessThan(await energyOf(few));
    expect(minimumDistanceRatio(many)).toBeGreaterThanOrEqual(0.4);
    expect(await found({ species, budget: 120 })).toEqual(many);
  });

  it('can relax each point on the surrogate, which must give forces', async () => {
    const species = ['Mg', 'O'];
    expect((await found({ species, relaxSteps: 5 })).species).toEqual(species);
    const { elements, energies } = model;
    const blind: StructureModel = { elements, energies: energies.bind(model), dispose: () => undefined };
    expect((await found({ species, from: blind })).species).toEqual(species);
    await expect(found({ species, from: blind, relaxSteps: 5 })).rejects.toMatchObject({
      code: 'LCOMS_E_PLUGIN_INVALID',
      message: expect.stringMatching(/no forces/) as string,
    });
  });

  it('refuses elements that the surrogate has not seen', async () => {
    await expect(found({ species: ['Au', 'O'] })).rejects.toMatchObject({
      code: 'LCOMS_E_ELEMENT_UNKNOWN',
      message: expect.stringMatching(/not seen Au \(in X\)/) as string,
    });
  });
});
