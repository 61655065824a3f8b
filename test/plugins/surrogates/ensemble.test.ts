import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { standardiseLatents } from '../../../lib/search/latent-space.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import type { PluginContext } from '../../../plugins/contract/context.js';
import { ensemble } from '../../../plugins/surrogates/ensemble/index.js';
import { pessimisticEnergies, pessimisticGradients } from '../../../plugins/surrogates/ensemble/pessimism.js';
import { HISTORY_BLOB } from '../../../plugins/surrogates/mlp/history.js';
import { supervised } from '../../../plugins/surrogates/supervised/index.js';
import { digestBlobs, MemoryCheckpoints, testContext } from '../../../plugins/testing/test-context.js';
import { bowl } from './toy-data.js';

const SMALL = { width: 24, epochs: 3, batchSize: 16, learningRate: 3e-3 };
const data = bowl({ rows: 75, dimension: 4 });

async function train(options: Record<string, unknown>, context: PluginContext = testContext()) {
  const surrogate = await ensemble.create(ensemble.options.parse({ ...SMALL, ...options }), context);
  const { blobs, metrics } = await surrogate.train(data);
  const files = new Map(blobs.map(({ name, bytes }) => [name, bytes]));
  return { blobs, files, metrics, digest: digestBlobs(blobs), load: () => surrogate.load(files) };
}

const somewhere = Float32Array.from({ length: 9 * 4 }, (_, i) => 2 * Math.sin(5 * i));

beforeAll(async () => {
  await initBackend();
});

describe('an ensemble of one member with beta 0', () => {
  it('predicts exactly what surrogate/supervised does, and learns along the same curve', async () => {
    const plain = await supervised.create(supervised.options.parse(SMALL), testContext());
    const trained = await plain.train(data);
    const model = await plain.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
    const one = await train({ members: 1, beta: 0 });
    const expected = await model.gradients(somewhere);
    const found = await (await one.load()).gradients(somewhere);
    expect([...found.energies]).toEqual([...expected.energies]);
    expect([...found.gradients]).toEqual([...expected.gradients]);
    const lines = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');
    const curve = trained.blobs.find(({ name }) => name === HISTORY_BLOB)?.bytes;
    expect(lines(one.files.get(HISTORY_BLOB)).replaceAll('"member":0,', '')).toBe(lines(curve));
  });
});

describe('an ensemble', () => {
  it('adds beta standard deviations of its members to their mean', async () => {
    const trained = await train({ members: 4, beta: 2 });
    const members: Float32Array[] = [];
    for (const k of [0, 1, 2, 3]) {
      const weights = trained.files.get(`member-${k}.safetensors`) as Uint8Array;
      const alone = await supervised.create(supervised.options.parse(SMALL), testContext());
      members.push(await (await alone.load(new Map([['surrogate.safetensors', weights]]))).energies(somewhere));
    }
    const energies = await (await trained.load()).energies(somewhere);
    energies.forEach((energy, row) => {
      const own = members.map((of) => of[row] as number);
      const mean = own.reduce((sum, e) => sum + e, 0) / 4;
      const deviation = Math.sqrt(own.reduce((sum, e) => sum + (e - mean) ** 2, 0) / 4);
      expect(deviation).toBeGreaterThan(0);
      expect(energy).toBeCloseTo(mean + 2 * deviation, 5);
    });
  });

  it('is more cautious far from the data than near them', async () => {
    const spreadAt = async (z: Float32Array) => {
      const [mean, high] = await Promise.all(
        [0, 1].map(async (beta) => (await (await train({ members: 5, epochs: 30, beta })).load()).energies(z)),
      );
      const gaps = (high as Float32Array).map((e, i) => e - (mean?.[i] as number));
      return gaps.reduce((sum, gap) => sum + gap / gaps.length, 0);
    };
    const { scale } = await (await train({ members: 1 })).load();
    const near = standardiseLatents(data.train, scale);
    expect(await spreadAt(near.map((x) => 6 * x))).toBeGreaterThan(3 * (await spreadAt(near)));
  });

  it('trains each member on its own draw of the rows when it bootstraps', async () => {
    const all = await train({ members: 2 });
    const drawn = await train({ members: 2, bootstrap: true });
    const digests = [...all.files, ...drawn.files]
      .filter(([name]) => name.startsWith('member'))
      .map(([, bytes]) => digestBlobs([{ name: '', bytes }]));
    expect(new Set(digests).size).toBe(4);
    // The scale is that of all rows in either case.
    expect((await drawn.load()).scale).toEqual((await all.load()).scale);
  });

  it('goes on from any checkpoint to the bytes of training that was not cut off', async () => {
    const options = { members: 3, epochs: 2, bootstrap: true, keep: 'best', checkpointSeconds: 0 };
    const whole = await train(options);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 26 }), async (save) => {
        const controller = new AbortController();
        const checkpoint = new MemoryCheckpoints((saves) => {
          if (saves === save) controller.abort(new Error('cut off'));
        });
        await expect(train(options, testContext({ checkpoint, signal: controller.signal }))).rejects.toThrow('cut off');
        const steps: number[] = [];
        const report = ({ step }: { step: number }) => void steps.push(step);
        const rest = await train(options, testContext({ checkpoint, report }));
        expect(rest.digest).toBe(whole.digest);
        expect(rest.metrics).toEqual(whole.metrics);
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
      }),
      { numRuns: 5, seed: 2 },
    );
  });

  it('is not continued with another number of members', async () => {
    const checkpoint = new MemoryCheckpoints();
    await train({ members: 3, checkpointSeconds: 0 }, testContext({ checkpoint }));
    await expect(train({ members: 2 }, testContext({ checkpoint }))).rejects.toMatchObject({
      code: 'LCOMS_E_CHECKPOINT_INCOMPATIBLE',
      message: expect.stringContaining('members was 3, now 2'),
    });
  });

  it('takes no negative beta, and no model with a member missing', async () => {
    expect(ensemble.options.safeParse({ beta: -1 }).success).toBe(false);
    const { files } = await train({ members: 2 });
    files.delete('member-1.safetensors');
    const surrogate = await ensemble.create(ensemble.options.parse({ ...SMALL, members: 2 }), testContext());
    await expect(surrogate.load(files)).rejects.toMatchObject({ code: 'LCOMS_E_ARTIFACT_CORRUPT' });
  });
});

describe('the bound', () => {
  it('has the gradient of its energy, wherever the members disagree', () => {
    // Members E_k(z) = a_k z^2 + b_k z of one coordinate: their derivatives are known.
    const number = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2, maxLength: 5 }), number, number, (ab, z, b) => {
        const beta = Math.abs(b);
        const at = (x: number) => ab.map(([a, c]) => Float64Array.of(a * x * x + c * x) as unknown as Float32Array);
        const energy = (x: number) => {
          const e = at(x).map(([value]) => value as number);
          const mean = e.reduce((sum, v) => sum + v, 0) / e.length;
          const variance = e.reduce((sum, v) => sum + (v - mean) ** 2, 0) / e.length;
          return { value: mean + beta * Math.sqrt(variance), spread: Math.sqrt(variance) };
        };
        fc.pre(energy(z).spread > 1e-2);
        expect(pessimisticEnergies(at(z), beta)[0]).toBeCloseTo(energy(z).value, 4);
        const each = ab.map(([a, c], k) => ({
          energies: at(z)[k] as Float32Array,
          gradients: Float32Array.of(2 * a * z + c),
        }));
        const slope = (energy(z + 1e-6).value - energy(z - 1e-6).value) / 2e-6;
        expect(pessimisticGradients(each, beta)[0]).toBeCloseTo(slope, 3);
      }),
    );
  });

  it('has the mean gradient where the members agree', () => {
    const same = [1, 3].map((slope) => ({ energies: Float32Array.of(2), gradients: Float32Array.of(slope) }));
    expect([...pessimisticGradients(same, 5)]).toEqual([2]);
    expect(pessimisticGradients([{ energies: new Float32Array(), gradients: new Float32Array() }], 1)).toHaveLength(0);
  });
});
