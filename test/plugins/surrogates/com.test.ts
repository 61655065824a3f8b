import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { standardiseLatents } from '../../../lib/search/latent-space.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import type { PluginContext } from '../../../plugins/contract/context.js';
import { manifestOf } from '../../../plugins/contract/define-plugin.js';
import type { SurrogateModel, SurrogateTrainingData } from '../../../plugins/contract/surrogate.js';
import { ALPHA_RANGE, DualVariable } from '../../../plugins/surrogates/com/dual-variable.js';
import { com } from '../../../plugins/surrogates/com/index.js';
import { supervised } from '../../../plugins/surrogates/supervised/index.js';
import { digestBlobs, MemoryCheckpoints, testContext } from '../../../plugins/testing/test-context.js';
import { bowl } from './toy-data.js';

const SMALL = { width: 24, epochs: 3, batchSize: 16, learningRate: 3e-3 };

async function train(
  plugin: typeof com | typeof supervised,
  options: Record<string, unknown>,
  data: SurrogateTrainingData,
  context: PluginContext = testContext(),
) {
  const surrogate =
    plugin === com
      ? await com.create(com.options.parse({ ...SMALL, ...options }), context)
      : await supervised.create(supervised.options.parse({ ...SMALL, ...options }), context);
  const trained = await surrogate.train(data);
  const load = () => surrogate.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
  return { ...trained, digest: digestBlobs(trained.blobs), load };
}

/** Predicted energies at the end of gradient descent from the first rows of the data. */
async function descend(model: SurrogateModel, z: Float32Array, steps = 50): Promise<number> {
  const eta = 0.05 * Math.sqrt(model.dimension);
  let at = z;
  for (let k = 0; k < steps; k++) {
    const { gradients } = await model.gradients(at);
    at = at.map((x, i) => x - eta * (gradients[i] as number));
  }
  const energies = await model.energies(at);
  return energies.reduce((sum, e) => sum + e, 0) / energies.length;
}

beforeAll(async () => {
  await initBackend();
});

describe('a trained surrogate', () => {
  const data = bowl({ rows: 120, dimension: 5 });

  it('learns: validation error falls far below the variance of the energies', async () => {
    const seen: Record<string, number>[] = [];
    const report = (metrics: Record<string, number>) => void seen.push(metrics);
    const { metrics } = await train(supervised, { epochs: 60 }, data, testContext({ report }));
    expect(metrics['validationMse']).toBeLessThan(0.3);
    expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    const standardDeviation = (metrics['validationRmse'] as number) / Math.sqrt(metrics['validationMse'] as number);
    const mean = data.targets.train.reduce((s, e) => s + e / 120, 0);
    const variance = data.targets.train.reduce((s, e) => s + (e - mean) ** 2 / 120, 0);
    expect(standardDeviation).toBeCloseTo(Math.sqrt(variance), 6);
  });

  it('has gradients that agree with finite differences of its energies', async () => {
    const model = await (await train(com, { epochs: 20 }, data)).load();
    const z = Float32Array.from({ length: 20 * 5 }, (_, i) => Math.sin(7 * i));
    const { energies, gradients } = await model.gradients(z);
    expect([...energies]).toEqual([...(await model.energies(z))]);
    const h = 2e-3;
    const off: number[] = [];
    for (let j = 0; j < 5; j++) {
      const moved = (by: number) => model.energies(z.map((x, i) => (i % 5 === j ? x + by : x)));
      const [up, down] = [await moved(h), await moved(-h)];
      for (let i = 0; i < 20; i++) {
        const slope = ((up[i] as number) - (down[i] as number)) / (2 * h);
        off.push(Math.abs(slope - (gradients[i * 5 + j] as number)));
      }
    }
    // A kink of the leaky ReLU between the two points changes the slope: allowed in few.
    off.sort((a, b) => a - b);
    expect(off[Math.floor(0.8 * off.length)]).toBeLessThan(1e-3);
    expect(off.at(-1)).toBeLessThan(0.5);
  });

  it('gives a row the same energy and gradient in any batch, also beyond one chunk', async () => {
    const model = await (await train(com, {}, data)).load();
    const many = Float32Array.from({ length: 4500 * 5 }, (_, i) => Math.cos(i));
    const all = await model.gradients(many);
    for (const row of [0, 2047, 2048, 4499]) {
      const one = await model.gradients(many.subarray(row * 5, (row + 1) * 5));
      expect(one.energies[0]).toBeCloseTo(all.energies[row] as number, 5);
      one.gradients.forEach((g, j) => {
        expect(g).toBeCloseTo(all.gradients[row * 5 + j] as number, 5);
      });
    }
    expect((await model.energies(new Float32Array(0))).length).toBe(0);
    await expect(model.energies(new Float32Array(7))).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
  });

  it('standardises on the training split alone', async () => {
    const { load } = await train(supervised, { epochs: 1 }, data);
    const { scale } = await load();
    const column = Array.from({ length: 120 }, (_, i) => data.train[i * 5 + 3] as number);
    const mean = column.reduce((s, x) => s + x / 120, 0);
    expect(scale.latentMean[3]).toBeCloseTo(mean, 5);
    expect(scale.latentStd[3]).toBeCloseTo(Math.sqrt(column.reduce((s, x) => s + (x - mean) ** 2 / 120, 0)), 5);
  });

  it('survives a dimension that never varies and energies that are all equal', async () => {
    const flat = {
      ...data,
      train: data.train.map((x, i) => (i % 5 === 2 ? 0.5 : x)),
      targets: { ...data.targets, train: data.targets.train.map(() => -1) },
    };
    const model = await (await train(com, {}, flat)).load();
    const { energies, gradients } = await model.gradients(new Float32Array(10));
    expect([...energies, ...gradients].every(Number.isFinite)).toBe(true);
  });
});

describe('the learning curve', () => {
  it('holds what each epoch reported, alpha and the over-estimation too where there is a penalty', async () => {
    const data = bowl({ rows: 50, dimension: 3 });
    for (const [plugin, more] of [
      [com, ['alpha', 'over']],
      [supervised, []],
    ] as const) {
      const seen: Record<string, number>[] = [];
      const report = ({ step, ...metrics }: { step: number }) => void seen.push({ epoch: step, ...metrics });
      const { blobs } = await train(plugin, {}, data, testContext({ report }));
      const bytes = blobs.find(({ name }) => name === 'surrogate-history.jsonl')?.bytes as Uint8Array;
      const rows = Buffer.from(bytes).toString('utf8').trimEnd().split('\n');
      expect(rows.map((row) => JSON.parse(row) as object)).toEqual(seen);
      expect(seen).toHaveLength(SMALL.epochs);
      const names = ['epoch', 'trainMse', 'trainRmse', 'validationMse', 'validationRmse', ...more];
      for (const row of seen) expect(Object.keys(row).sort()).toEqual(names.sort());
    }
  });
});

describe('conservatism', () => {
  it('is plain regression, byte for byte, when tau is infinite', async () => {
    const data = bowl({ rows: 70, dimension: 4 });
    const plain = await train(supervised, {}, data);
    for (const tau of ['infinity', Number.POSITIVE_INFINITY]) {
      const { digest, metrics } = await train(com, { tau }, data);
      expect(digest).toBe(plain.digest);
      expect(metrics).toEqual(plain.metrics);
    }
    expect((await train(com, { tau: 1 }, data)).digest).not.toBe(plain.digest);
  });

  it('bounds what descent exploits where data are few', async () => {
    const data = bowl({ rows: 40, dimension: 8, offset: 3 });
    const options = { epochs: 150, width: 64, learningRate: 2e-3 };
    const [sl, loose, tight] = await Promise.all([
      train(supervised, options, data),
      train(com, { ...options, tau: 100 }, data),
      train(com, { ...options, tau: 0.02 }, data),
    ]);
    const ends = [];
    for (const trained of [sl, tight]) {
      const model = await trained.load();
      ends.push(await descend(model, standardiseLatents(data.train, model.scale)));
    }
    const [slEnd, tightEnd] = ends as [number, number];
    expect(tight.metrics['alpha']).toBeGreaterThan(1);
    expect(loose.metrics['alpha']).toBeLessThan(1);
    expect(tightEnd).toBeGreaterThan(slEnd + 1);
  });

  it('moves alpha up while over > tau, down while it is below, and keeps it in its range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (tau, over) => {
          const dual = new DualVariable(1, tau, 0.01);
          let before = dual.alpha;
          for (let i = 0; i < 20; i++) {
            dual.update(over);
            if (Math.abs(over - tau) > 1e-3) expect(Math.sign(dual.alpha - before)).toBe(Math.sign(over - tau));
            before = dual.alpha;
          }
          for (let i = 0; i < 2000; i++) dual.update(over);
          expect(dual.alpha).toBeGreaterThanOrEqual(ALPHA_RANGE[0] * (1 - 1e-12));
          expect(dual.alpha).toBeLessThanOrEqual(ALPHA_RANGE[1] * (1 + 1e-12));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('training that is cut off', () => {
  const data = bowl({ rows: 75, dimension: 4 });

  it('goes on from any batch to the bytes and metrics of training that was not', async () => {
    const options = { keep: 'best', tau: 0.05, checkpointSeconds: 0 };
    const whole = await train(com, options, data);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 14 }), async (batch) => {
        const controller = new AbortController();
        const checkpoint = new MemoryCheckpoints((saves) => {
          if (saves === batch) controller.abort(new Error('cut off'));
        });
        const first = train(com, options, data, testContext({ checkpoint, signal: controller.signal }));
        await expect(first).rejects.toThrow('cut off');
        const steps: number[] = [];
        const report = ({ step }: { step: number }) => void steps.push(step);
        const rest = await train(com, options, data, testContext({ checkpoint, report }));
        expect(rest.digest).toBe(whole.digest);
        expect(rest.metrics).toEqual(whole.metrics);
        expect(steps[0]).toBe(Math.floor(batch / 5) + 1);
      }),
      { numRuns: 4, seed: 1 },
    );
  });

  it('is not continued with other options: the difference is named', async () => {
    const checkpoint = new MemoryCheckpoints();
    await train(com, { tau: 0.05, checkpointSeconds: 0 }, data, testContext({ checkpoint }));
    const other = train(com, { tau: 0.1 }, data, testContext({ checkpoint }));
    await expect(other).rejects.toMatchObject({
      code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
      message: expect.stringContaining('tau was 0.05, now 0.1'),
    });
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const digests = [];
    for (const seed of [3, 3, 4]) digests.push((await train(com, {}, data, testContext({ seed }))).digest);
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });
});

describe('bad input', () => {
  const data = bowl({ rows: 20, dimension: 3 });
  const none = { ...data, validation: new Float32Array(0) };
  const noValidation = { ...none, targets: { ...data.targets, validation: new Float64Array(0) } };

  it('names what is wrong', async () => {
    const rejects = (promise: Promise<unknown>, code: string) => expect(promise).rejects.toMatchObject({ code });
    const empty = { ...noValidation, train: new Float32Array(0) };
    empty.targets = { train: new Float64Array(0), validation: new Float64Array(0) };
    await rejects(train(com, {}, empty), 'LCOMS_E_DATA_EMPTY');
    await rejects(train(com, {}, none), 'LCOMS_E_INPUT');
    await rejects(train(com, { keep: 'best' }, noValidation), 'LCOMS_E_INPUT');
    await rejects(
      train(com, {}, { ...data, train: data.train.map((x, i) => (i === 7 ? Number.NaN : x)) }),
      'LCOMS_E_INPUT',
    );
    await rejects(train(com, { learningRate: 1e30 }, data), 'LCOMS_E_RUN_FAILED');
    const surrogate = await com.create(com.options.parse({}), testContext());
    await rejects(surrogate.load(new Map()), 'LCOMS_E_ARTIFACT_CORRUPT');
  });

  it('trains without a validation split when the last epoch is kept', async () => {
    const { metrics } = await train(com, {}, noValidation);
    expect(Object.keys(metrics).sort()).toEqual(['alpha', 'keptEpoch', 'over', 'trainMse', 'trainRmse']);
  });
});

describe('the options', () => {
  it('show the default and both forms of tau', () => {
    const { properties } = manifestOf(com, 'test').options as { properties: Record<string, unknown> };
    expect(properties['tau']).toMatchObject({
      description: expect.stringContaining('default: 1'),
      anyOf: [{ type: 'number' }, { const: 'infinity' }],
    });
    expect(com.options.parse({}).tau).toBe(1);
    expect(com.options.parse({ tau: Number.POSITIVE_INFINITY }).tau).toBe('infinity');
    expect(com.options.safeParse({ tau: -1 }).success).toBe(false);
  });
});
