import { beforeAll, describe, expect, it } from 'vitest';
import { initBackend } from '../../../../lib/tensor/backend.js';
import type { PluginContext } from '../../../../plugins/contract/context.js';
import type { StructureTrainingData } from '../../../../plugins/contract/surrogate.js';
import { graphNetwork } from '../../../../plugins/surrogates/graph-network/index.js';
import { MemoryCheckpoints, testContext, toyCrystals } from '../../../../plugins/testing/index.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { stretchedCrystals } from './crystals.js';

const SMALL = { width: 16, blocks: 2, radialFunctions: 16, batchSize: 8, epochs: 3 };

const train = async (
  data: StructureTrainingData,
  options: Record<string, unknown> = {},
  context: PluginContext = testContext(),
) => {
  const surrogate = await graphNetwork.create(graphNetwork.options.parse({ ...SMALL, ...options }), context);
  return await surrogate.train(data);
};

const DATA = stretchedCrystals();

beforeAll(async () => {
  await initBackend();
});

describe('training the graph network', () => {
  it('learns energies that it has not seen far better than their mean, and reports the curve', async () => {
    const rows: Record<string, number>[] = [];
    const trained = await train(DATA, { epochs: 60 }, testContext({ report: (row) => void rows.push(row) }));
    const { validation } = DATA.targets;
    const mean = DATA.targets.train.reduce((sum, e) => sum + e, 0) / DATA.targets.train.length;
    const spread = validation.reduce((sum, e) => sum + Math.abs(e - mean), 0) / validation.length;
    const best = trained.metrics['kept.validation.mae'] as number;
    expect(best).toBeLessThan(0.25 * spread);
    const looks = rows.flatMap((row) => row['validation.mae'] ?? []);
    expect(looks).toHaveLength(15);
    // The weights that are kept are those of the best look.
    expect(Math.min(...looks)).toBe(best);
    const model = await (await graphNetwork.create(graphNetwork.options.parse({}), testContext())).load(
      new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])),
    );
    const found = await model.energies(DATA.validation);
    const mae = found.reduce((sum, e, i) => sum + Math.abs(e - (validation[i] as number)), 0) / found.length;
    expect(mae).toBeCloseTo(best, 6);
    model.dispose();
  });

  it('takes a random subset, the smaller one part of the larger', async () => {
    const trained = await train(DATA, { maxCrystals: 10 });
    expect(trained.metrics['crystals']).toBe(10);
  });

  it('goes on from a checkpoint of the same options alone', async () => {
    const checkpoint = new MemoryCheckpoints();
    const often = { checkpointSeconds: 0 };
    await train(DATA, often, testContext({ checkpoint }));
    await expect(train(DATA, { ...often, width: 17 }, testContext({ checkpoint }))).rejects.toMatchObject({
      code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
      message: expect.stringMatching(/width: 16 then, 17 now/) as string,
    });
  });

  it('stops when the loss is no number, and names crystals', async () => {
    await expect(train(DATA, { learningRate: 1e30, warmupSteps: 0 })).rejects.toMatchObject({
      code: 'LCOMS_E_RUN_FAILED',
      message: expect.stringMatching(/not a finite number at step \d+; crystals of the batch: stretched-/) as string,
    });
  });
});

describe('data that cannot be learned from', () => {
  const none = { train: [], validation: [], targets: { train: new Float64Array(0), validation: new Float64Array(0) } };

  it('are refused when there are none, or none small enough', async () => {
    await expect(train(none)).rejects.toMatchObject({ code: 'LCOMS_E_DATA_EMPTY' });
    await expect(train(DATA, { maxAtoms: 1 })).rejects.toMatchObject({
      code: 'LCOMS_E_DATA_EMPTY',
      message: expect.stringMatching(/at most 1 atoms/) as string,
    });
  });

  it('are refused without validation crystals unless the last epoch will do', async () => {
    const one = { ...DATA, validation: [], targets: { ...DATA.targets, validation: new Float64Array(0) } };
    await expect(train(one)).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      hint: expect.stringMatching(/validationFraction/) as string,
    });
    expect((await train(one, { keep: 'last' })).metrics['crystals']).toBe(DATA.train.length);
  });

  it('are refused with an energy that is no number, naming the crystal', async () => {
    const targets = { ...DATA.targets, train: DATA.targets.train.with(3, Number.NaN) };
    await expect(train({ ...DATA, targets })).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      message: expect.stringMatching(/train: the energy of crystal stretched-3 is NaN/) as string,
    });
    const short = { ...DATA.targets, validation: new Float64Array(1) };
    await expect(train({ ...DATA, targets: short })).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
  });

  it('are refused with an element that is none, naming the crystal', async () => {
    const [first, ...others] = DATA.train as [Crystal, ...Crystal[]];
    const strange = { ...first, id: 'odd', species: ['Xx', 'O'] };
    await expect(train({ ...DATA, train: [strange, ...others] })).rejects.toMatchObject({
      code: 'LCOMS_E_ELEMENT_UNKNOWN',
      message: expect.stringMatching(/odd.*"Xx"/) as string,
    });
  });

  it('leave elements unknown, which the model then refuses', async () => {
    const trained = await train(DATA);
    const surrogate = await graphNetwork.create(graphNetwork.options.parse({}), testContext());
    const model = await surrogate.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
    const [known] = toyCrystals() as [Crystal];
    const gold = { ...known, species: ['Au', 'F'] };
    const [fine, error] = (await model.evaluate?.([known, gold])) ?? [];
    expect(fine).toHaveProperty('forces');
    expect(error).toMatchObject({ code: 'LCOMS_E_ELEMENT_UNKNOWN', message: expect.stringMatching(/not seen Au/) });
    model.dispose();
  });
});
