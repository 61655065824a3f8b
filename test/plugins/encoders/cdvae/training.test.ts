import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { cdvae } from '../../../../plugins/encoders/cdvae/index.js';
import { cdvaeOptionsSchema } from '../../../../plugins/encoders/cdvae/options.js';
import { trainCdvae } from '../../../../plugins/encoders/cdvae/train.js';
import { caesiumChloride, copper, randomCrystal, rocksalt, rutile, zincblende } from './crystals.js';
import { testContext, tinyOptions, trainingData } from './harness.js';

beforeAll(async () => {
  await initBackend();
});

const rng = Rng.from('training');
const crystals = [
  rocksalt('Na', 'Cl', 5.64),
  rocksalt('Mg', 'O', 4.21),
  zincblende('Zn', 'S', 5.41),
  caesiumChloride('Cs', 'Cl', 4.12),
  copper,
  rutile,
  ...Array.from({ length: 5 }, () => randomCrystal(rng, ['Si', 'O', 'O'])),
];
const data = trainingData(crystals, [rocksalt('K', 'Cl', 6.29), zincblende('Ga', 'P', 5.45)]);

describe('training', () => {
  test('lowers every term of the loss', async () => {
    const context = testContext('falls');
    const options = tinyOptions({ epochs: 40, learningRate: 5e-3, noiseMax: 0.4, validateEvery: 10 });
    await trainCdvae(data, options, context);
    const mean = (term: string, reports: typeof context.reports) =>
      reports.reduce((sum, r) => sum + (r[`train.${term}`] as number), 0) / reports.length;
    // Several epochs together, because one draws few noise levels.
    for (const term of ['total', 'lattice', 'coordinates', 'energy'])
      expect(mean(term, context.reports.slice(-8)), term).toBeLessThan(0.9 * mean(term, context.reports.slice(0, 8)));
    const last = context.reports.at(-1) as Record<string, number>;
    expect(last['validation.total']).toBeGreaterThan(0);
    expect(context.reports.map((r) => r.step)).toEqual(
      context.reports.map((_, i) => (i + 1) * (context.reports[0]?.step as number)),
    );
  });

  test('resumed from any checkpoint it ends in the same bytes and reports each epoch once', async () => {
    const options = tinyOptions({ checkpointSeconds: 0, epochs: 3, validateEvery: 1 });
    const whole = testContext('resume');
    const expected = await trainCdvae(data, options, whole);
    expect(whole.saved.length).toBeGreaterThan(6);
    for (const at of [0, 4, whole.saved.length - 1]) {
      const checkpoint = whole.saved[at] as (typeof whole.saved)[number];
      const resumed = testContext('resume', checkpoint);
      const result = await trainCdvae(data, options, resumed);
      expect(Buffer.from(result.blobs[0]?.bytes as Uint8Array).equals(expected.blobs[0]?.bytes as Uint8Array)).toBe(
        true,
      );
      expect(result.metrics).toEqual(expected.metrics);
      expect(resumed.reports).toEqual(whole.reports.filter((r) => r.step > checkpoint.step));
    }
  });

  test('a checkpoint of other options or another seed is refused with the differences', async () => {
    const first = testContext('one');
    await trainCdvae(data, tinyOptions({ checkpointSeconds: 0, epochs: 1 }), first);
    const checkpoint = first.saved[0] as (typeof first.saved)[number];
    await expect(
      trainCdvae(data, tinyOptions({ checkpointSeconds: 0, epochs: 2 }), testContext('one', checkpoint)),
    ).rejects.toMatchObject({
      code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
      message: expect.stringContaining('epochs: 1 then, 2 now') as string,
    });
    await expect(
      trainCdvae(data, tinyOptions({ checkpointSeconds: 0, epochs: 1 }), testContext('two', checkpoint)),
    ).rejects.toMatchObject({ message: expect.stringContaining('seed') as string });
  });

  test('ends at the next batch when aborted, and frees its tensors', async () => {
    const before = tf.memory().numTensors;
    const context = testContext('abort');
    let ticks = 0;
    context.tick = () => {
      ticks += 1;
      if (ticks === 3) context.controller.abort(new Error('stop'));
    };
    await expect(trainCdvae(data, tinyOptions({ epochs: 50 }), context)).rejects.toThrow('stop');
    expect(ticks).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('takes a random subset, leaves out large cells and says so, refuses to train on nothing', async () => {
    const subset = await trainCdvae(data, tinyOptions({ epochs: 1, maxCrystals: 4 }), testContext('subset'));
    expect(subset.metrics['crystals']).toBe(4);
    const context = testContext('small');
    const small = await trainCdvae(data, tinyOptions({ epochs: 1, maxAtoms: 2 }), context);
    expect(small.metrics['crystals']).toBe(5);
    expect(context.warnings.join()).toContain('leaves out 6 crystals of more than 2 atoms');
    await expect(trainCdvae(trainingData([]), tinyOptions(), testContext('none'))).rejects.toMatchObject({
      code: 'LCOMS_E_DATA_EMPTY',
    });
  });

  test('works without the energy head', async () => {
    const { metrics } = await trainCdvae(data, tinyOptions({ epochs: 1, energyWeight: 0 }), testContext('no energy'));
    expect(metrics['train.energy']).toBe(0);
  });
});

describe('options', () => {
  test('all have defaults, unknown ones and impossible values are refused', () => {
    expect(cdvaeOptionsSchema.parse({})).toMatchObject({ latentDimension: 64, klWeight: 0.01 });
    expect(cdvaeOptionsSchema.safeParse({ epoch: 3 }).success).toBe(false);
    for (const bad of [{ epochs: 0 }, { noiseMin: -1 }, { batchSize: 1.5 }, { noiseMin: 2 }, { langevinStepSize: 3 }])
      expect(cdvaeOptionsSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
  });

  test('the plugin needs its blob', async () => {
    const encoder = await cdvae.create(cdvaeOptionsSchema.parse({}), testContext('blob'));
    await expect(encoder.load(new Map())).rejects.toMatchObject({
      code: 'LCOMS_E_ARTIFACT_MISSING',
      message: expect.stringContaining('cdvae.safetensors') as string,
    });
  });
});
