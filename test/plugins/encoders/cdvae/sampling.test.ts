import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { sampleCrystals } from '../../../../plugins/encoders/cdvae/langevin.js';
import { occupiedCell } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import { samplingBatches } from '../../../../plugins/encoders/cdvae/sampling-batches.js';
import { copper, randomCrystal, rocksalt, rutile } from './crystals.js';
import { modelOf, tinyOptions, untrained } from './harness.js';

beforeAll(async () => {
  await initBackend();
});

describe('batches of crystals to draw', () => {
  test('hold each row once, in rising sizes, and never cost more than a batch a size', () => {
    const cost = (batches: number[][], sizes: number[]) =>
      batches.reduce(
        (sum, rows) => sum + 5000 + rows.length * Math.max(...rows.map((i) => sizes[i] as number)) ** 2,
        0,
      );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 100 }), (sizes) => {
        const batches = samplingBatches(sizes);
        expect(batches.flat().sort((a, b) => a - b)).toEqual(sizes.map((_, i) => i));
        const ordered = batches.flat().map((i) => sizes[i] as number);
        expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
        const bySize = [...new Set(sizes)].map((n) => sizes.flatMap((m, i) => (m === n ? i : [])));
        expect(cost(batches, sizes)).toBeLessThanOrEqual(cost(bySize, sizes));
        for (const rows of batches)
          if (rows.some((i) => sizes[i] === 1)) expect(rows.every((i) => sizes[i] === 1)).toBe(true);
      }),
    );
  });

  test('are shared by few crystals of near sizes, and not by many of far ones', () => {
    expect(samplingBatches([4, 2, 6])).toEqual([[1, 0, 2]]);
    const many = [...new Array<number>(60).fill(2), ...new Array<number>(60).fill(20)];
    expect(samplingBatches(many).map((rows) => rows.length)).toEqual([60, 60]);
    expect(samplingBatches([1, 2, 1])).toEqual([[0, 2], [1]]);
    // No call takes more than 250,000 pairs.
    expect(samplingBatches(new Array<number>(7).fill(300)).map((rows) => rows.length)).toEqual([2, 2, 2, 1]);
  });
});

test('a crystal drawn among larger ones is the one drawn alone', async () => {
  const options = tinyOptions({ fastLevels: 6, fastSteps: 3 });
  const rng = Rng.from('sampling');
  const crystals = [rocksalt('Na', 'Cl', 5.6), randomCrystal(rng, ['Na', 'Cl', 'O']), rutile];
  const { parameters, networks, scale } = untrained(options, [...crystals, copper]);
  const cells = crystals.map((c) => occupiedCell(c.lattice, c.species, options.neighbours));
  const latents = tf.randomNormal([3, options.latentDimension], 0, 1, 'float32', 5) as tf.Tensor2D;
  const stream = (i: number) => Rng.from('streams').fork(String(i));
  const signal = new AbortController().signal;
  let calls = 0;
  const regressed = new Float32Array(18);
  const task = { cells, latents, regressed, streams: [0, 1, 2].map(stream), onCall: () => calls++ };
  const before = tf.memory().numTensors;
  const together = await sampleCrystals(networks, task, options, scale, signal);
  expect(tf.memory().numTensors).toBe(before);
  expect(calls).toBe(21);
  for (const [i, cell] of cells.entries()) {
    const own = latents.slice([i, 0], [1, -1]);
    const [alone] = await sampleCrystals(
      networks,
      { cells: [cell], latents: own, regressed, streams: [stream(i)] },
      options,
      scale,
      signal,
    );
    expect(together[i]?.frac).toHaveLength(cell.cell.n);
    together[i]?.frac.forEach((x, a) => {
      x.forEach((value, k) => {
        const difference = value - ((alone?.frac[a]?.[k] as number) ?? Number.NaN);
        expect(Math.abs(difference - Math.round(difference))).toBeLessThan(1e-5);
      });
    });
  }
  latents.dispose();
  parameters.dispose();
});

test('decoding says how far it is at every call, so that a long one is not taken for dead', async () => {
  const options = tinyOptions({ fastLevels: 3, fastSteps: 2 });
  const { parameters, networks, scale } = untrained(options, [rutile, copper]);
  const ticks: { done: number; total: number; unit: string }[] = [];
  const model = modelOf({ parameters, networks, scale }, options, Rng.from('ticks'), (progress) =>
    ticks.push(progress),
  );
  const latents = new Float32Array(2 * options.latentDimension);
  await model.decode(latents, [rutile.species, ['Na', 'Cl']]);
  model.dispose();
  expect(ticks).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((done) => ({ done, total: 8, unit: 'network calls' })));
});
