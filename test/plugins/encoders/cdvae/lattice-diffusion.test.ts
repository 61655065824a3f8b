import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonicalCell } from '../../../../lib/crystal/canonical-cell.js';
import { determinant, latticeParameters, multiply, volume } from '../../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../../lib/crystal/matcher.js';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import type { Plugin } from '../../../../plugins/contract/define-plugin.js';
import type { EncoderModel } from '../../../../plugins/contract/encoder.js';
import { crystalBatch } from '../../../../plugins/encoders/cdvae/crystal-batch.js';
import { pairLength, sumPairBasis } from '../../../../plugins/encoders/cdvae/graph.js';
import { cdvae } from '../../../../plugins/encoders/cdvae/index.js';
import {
  cellOfNumbers,
  denoised,
  denoising,
  latticeNoise,
  noisyNumbers,
  numbersOf,
  stepDown,
} from '../../../../plugins/encoders/cdvae/lattice-noise.js';
import {
  latticeFromTarget,
  latticeTarget,
  symmetricLattice,
} from '../../../../plugins/encoders/cdvae/lattice-target.js';
import { prepareCrystal } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import { trainCdvae } from '../../../../plugins/encoders/cdvae/train.js';
import { lossInputs } from '../../../../plugins/encoders/cdvae/training-batches.js';
import { checkPlugin } from '../../../../plugins/testing/check-plugin.js';
import type { Crystal, Mat3, Vec3 } from '../../../../schemas/crystal.js';
import { copper, randomCrystal, rocksalt, rutile, zincblende } from './crystals.js';
import { byHeart, modelOf, testContext, tinyOptions, trainingData, untrained } from './harness.js';

beforeAll(async () => {
  await initBackend();
});

const rng = Rng.from('lattice-diffusion');
const crystal = randomCrystal(rng, ['Na', 'Cl', 'Cl', 'O', 'Mg']);
const others = [rocksalt('Na', 'Cl', 5.64), rutile, copper];
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] as number))), 0);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('noise on lattices', () => {
  test('falls with the noise on coordinates, from its largest to none', () => {
    const range = { noiseMax: 0.6, noiseMin: 0.08 };
    const at = [0.6, 0.3, 0.08, 0.01, 0].map((sigma) => latticeNoise(sigma, range));
    for (let i = 1; i < at.length; i++) expect(at[i]).toBeLessThan(at[i - 1] as number);
    expect(at.at(-1)).toBe(0);
    expect(latticeNoise(5, range)).toBe(at[0]);
    expect(latticeNoise(0.3, { noiseMax: 0.3, noiseMin: 0.3 })).toBe(at[0]);
  });

  test('is taken away in the mean where the regressed number is off by as much as is assumed', () => {
    const draw = Rng.from('outputs');
    for (const s of [0.02, 0.1, 0.5]) {
      const how = denoising(s);
      // Without noise the noisy number is taken as it is, with much of it the regressed one.
      expect(how.skip).toBeGreaterThan(0);
      expect(how.skip).toBeLessThan(1);
      // Data about the regressed number with the deviation at which half is left at equal noise.
      const d = s * Math.sqrt(how.skip / (1 - how.skip));
      const errors = Array.from({ length: 8000 }, () => {
        const clean = 0.7 + d * draw.normal();
        return (clean - denoised(how, clean + s * draw.normal(), 0.7, 0)) ** 2;
      });
      // The network's output then has variance 1 to learn, as a posterior's has that is normal.
      expect(Math.sqrt(mean(errors)) / how.gain).toBeCloseTo(1, 1);
    }
    expect(denoising(0)).toEqual({ skip: 1, gain: 0 });
  });

  test('a step down goes by its part of the way to the clean numbers and ends in them', () => {
    const draw = Rng.from('steps');
    const clean = new Float64Array(3000).fill(2);
    const noisy = noisyNumbers(clean, 0.4, draw);
    const off = (x: Float64Array) => Math.sqrt(mean([...x].map((value) => (value - 2) ** 2)));
    const lower = stepDown(noisy, clean, [0.4, 0.2], draw);
    // Less noise than the lower level has, for the sake of sharper cells, and no less than without any drawn.
    expect(off(lower)).toBeLessThan(0.2);
    expect(off(lower)).toBeGreaterThan(0.4 / 4);
    expect(stepDown(noisy, clean, [0.4, 0], draw)).toEqual(clean);
  });

  test('a batch has cells as noisy as its levels say, and the clean crystal as it is', () => {
    const options = tinyOptions({ lattice: 'diffused', noiseLevels: 1, noiseMax: 0.3, noiseMin: 0.3 });
    const { parameters, scale } = untrained(options, [crystal, ...others]);
    const row = { crystal: prepareCrystal(crystal, options), energy: 0 };
    const s = latticeNoise(0.3, options);
    const clean = numbersOf(row.crystal, scale);
    const squares: number[] = [];
    tf.tidy(() => {
      const inputs = lossInputs(Array(200).fill(row), options, scale, Rng.from('batch'));
      const noisy = inputs.noisy.lattice.dataSync();
      expect(furthest(inputs.denoising?.gain.dataSync() ?? [], Array(200).fill(denoising(s).gain))).toBeLessThan(1e-6);
      noisy.forEach((y, i) => {
        squares.push((y - (clean[i % 6] as number)) ** 2);
      });
      expect(furthest(inputs.clean.lattice.dataSync().slice(0, 6), clean)).toBeLessThan(1e-5);
    });
    expect(Math.sqrt(mean(squares)) / s).toBeCloseTo(1, 1);
    parameters.dispose();
  });
});

describe('the frame of a noisy cell', () => {
  test('is that of its numbers: the same cell, and a small strain adds to them', () => {
    const small = fc.double({ min: -1, max: 1, noNaN: true });
    const six = fc.tuple(small, small, small, small, small, small);
    fc.assert(
      fc.property(six, six, (numbers, strain) => {
        const target = numbers.map((x) => 0.3 * x);
        const lattice = symmetricLattice(target, 3);
        expect(furthest(latticeTarget(lattice, 3), target)).toBeLessThan(1e-9);
        expect(determinant(lattice)).toBeGreaterThan(0);
        const [a, b] = [latticeParameters(lattice), latticeParameters(latticeFromTarget(target, 3))];
        expect(furthest([...a.lengths, ...a.angles], [...b.lengths, ...b.angles])).toBeLessThan(1e-6);
        // Where all axes are equal, the six numbers of 1 + e are e, its last three times sqrt 2.
        const e = strain.map((x) => 1e-4 * x) as [number, number, number, number, number, number];
        const cube = symmetricLattice([0.2, 0.2, 0.2, 0, 0, 0], 3);
        const strained = multiply(cube, [
          [1 + e[0], e[5], e[4]],
          [e[5], 1 + e[1], e[3]],
          [e[4], e[3], 1 + e[2]],
        ]);
        const change = latticeTarget(strained, 3).map((x, k) => x - (k < 3 ? 0.2 : 0));
        expect(furthest(change, [e[0], e[1], e[2], ...e.slice(3).map((x) => Math.SQRT2 * x)])).toBeLessThan(1e-7);
      }),
    );
  });

  test('cells of wild numbers have few enough images to search', () => {
    const { parameters, scale } = untrained(tinyOptions(), [crystal, ...others]);
    const draw = Rng.from('wild');
    for (let i = 0; i < 50; i++) {
      const cell = cellOfNumbers(noisyNumbers(new Float64Array(6), 100, draw), new Float32Array(1), 4, scale, 28);
      expect(cell.cell.translations.length / 3).toBeLessThan(50_000);
      expect(cell.lattice.flat().every(Number.isFinite)).toBe(true);
    }
    parameters.dispose();
  });
});

describe('the lattice denoiser', () => {
  const options = tinyOptions({ lattice: 'diffused' });
  const order = [3, 1, 4, 0, 2];

  /** Outputs for the lattice of a crystal in the cell of its numbers. */
  function outputs(c: Crystal): Float32Array {
    const { parameters, networks, scale } = untrained(options, [crystal, ...others]);
    const prepared = prepareCrystal(crystal, options);
    const features = prepareFeatures(c);
    const cell = cellOfNumbers(numbersOf(prepared, scale), features, c.species.length, scale, options.neighbours);
    const pairs = new Float32Array(c.species.length ** 2 * pairLength(options.radialFunctions));
    sumPairBasis(cell.cell, Float64Array.from(c.frac.flat()), options.radialFunctions, pairs, 0);
    const values = tf.tidy(() => {
      const batch = crystalBatch([cell], pairs, options.radialFunctions, scale);
      const latents = tf.fill([1, options.latentDimension], 0.3) as tf.Tensor2D;
      return networks.decoder.apply(batch, latents, tf.fill([1, 1], 0.2)).lattice?.dataSync() as Float32Array;
    });
    parameters.dispose();
    return values;
  }
  const prepareFeatures = (c: Crystal) => prepareCrystal({ ...c, lattice: crystal.lattice }, options).features;

  test('does not see where the crystal is, its images or the order of its atoms, but sees where atoms are', () => {
    const plain = outputs(crystal);
    const moved = crystal.frac.map(([x, y, z], i) => [x + 0.37 + i, y - 0.2, z - 3 * i] as Vec3);
    expect(furthest(outputs({ ...crystal, frac: moved }), plain)).toBeLessThan(1e-5);
    const permuted = {
      ...crystal,
      species: order.map((i) => crystal.species[i] as string),
      frac: order.map((i) => crystal.frac[i] as Vec3),
    };
    expect(furthest(outputs(permuted), plain)).toBeLessThan(1e-5);
    const other = crystal.frac.map(([x, y, z], i) => [x + 0.1 * i, y, z] as Vec3);
    expect(furthest(outputs({ ...crystal, frac: other }), plain)).toBeGreaterThan(1e-4);
  });
});

describe('models with diffused lattices', () => {
  test('training lowers the loss of the lattice', async () => {
    const context = testContext('falls');
    const data = trainingData([...others, zincblende('Zn', 'S', 5.41), crystal]);
    await trainCdvae(data, tinyOptions({ lattice: 'diffused', epochs: 60, learningRate: 5e-3 }), context);
    const part = (reports: typeof context.reports) => mean(reports.map((r) => r['train.cell'] as number));
    expect(part(context.reports.slice(-12))).toBeLessThan(0.8 * part(context.reports.slice(0, 12)));
  });

  test('pass the contract kit', async () => {
    const given = { epochs: 4, latentDimension: 8, checkpointSeconds: 0, validateEvery: 2, lattice: 'diffused' };
    const results = await checkPlugin(cdvae as unknown as Plugin, { with: given });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });

  test('give a crystal drawn among larger ones the cell of one drawn alone', async () => {
    const options = tinyOptions({ lattice: 'diffused', fastLevels: 4, fastSteps: 2 });
    const { parameters, networks, scale } = untrained(options, [crystal, ...others]);
    const draw = async (crystals: Crystal[]) => {
      const model = modelOf({ parameters, networks, scale }, options, Rng.from('draws'));
      return await model.decodeFrom(new Float32Array(crystals.length * model.dimension).fill(0.4), crystals, 0.4);
    };
    const [alone] = (await draw([rocksalt('Na', 'Cl', 5.64)])) as [Crystal];
    const [among] = (await draw([rocksalt('Na', 'Cl', 5.64), rutile, crystal])) as [Crystal];
    expect(furthest(among.lattice.flat(), alone.lattice.flat())).toBeLessThan(1e-4);
    parameters.dispose();
  });

  describe('once trained', () => {
    const learnt = [rocksalt('Na', 'Cl', 5.64), zincblende('Zn', 'S', 5.41), rutile];
    const options = byHeart({ lattice: 'diffused' });
    const cells = learnt.map((c) => canonicalCell(c, options.symprec));
    let blobs: Map<string, Uint8Array>;
    const load = async (): Promise<EncoderModel> => (await cdvae.create(options, testContext('use'))).load(blobs);
    const volumeError = (a: Crystal, b: Crystal) => Math.abs(volume(a.lattice) / volume(b.lattice) - 1);

    beforeAll(async () => {
      const encoder = await cdvae.create(options, testContext('fit'));
      const trained = await encoder.train(trainingData(learnt.flatMap((c) => Array<Crystal>(8).fill(c))));
      blobs = new Map(trained.blobs.map(({ name, bytes }) => [name, bytes]));
    }, 180_000);

    test('decode what they have learnt by heart, each try in a cell of its own', async () => {
      const model = await load();
      const before = model.networkCalls as number;
      const latents = await model.encode(learnt);
      const tries: Crystal[][] = [];
      for (let k = 0; k < 4; k++)
        tries.push(
          await model.decode(
            latents,
            cells.map((c) => c.species),
          ),
        );
      expect(((model.networkCalls as number) - before) / (4 * learnt.length)).toBe((10 + 1) * options.fastSteps);
      for (const [i, cell] of cells.entries()) {
        const found = tries.map((crystals) => crystals[i] as Crystal);
        const rms = found.map((c) => matchStructures(c, cell).rms ?? 1);
        expect(Math.min(...rms), `crystal ${i}`).toBeLessThan(0.05);
        for (const c of found) expect(volumeError(c, cell)).toBeLessThan(0.1);
        expect(new Set(found.map((c) => JSON.stringify(c.lattice))).size).toBe(4);
      }
      model.dispose();
    });

    test('decode from crystals in the cells that these have', async () => {
      const model = await load();
      const strained = cells.map((c) => ({ ...c, lattice: c.lattice.map((v) => v.map((x) => 1.02 * x)) as Mat3 }));
      const latents = await model.encode(learnt);
      const asTheyWere = (await model.decodeFrom?.(latents, strained, 0)) as Crystal[];
      const near = (await model.decodeFrom?.(latents, strained, 0.2)) as Crystal[];
      for (const [i, start] of strained.entries()) {
        const [a, b] = [latticeParameters(asTheyWere[i]?.lattice as Mat3), latticeParameters(start.lattice)];
        expect(furthest([...a.lengths, ...a.angles], [...b.lengths, ...b.angles])).toBeLessThan(1e-6);
        expect(matchStructures(near[i] as Crystal, start).match).toBe(true);
        expect(volumeError(near[i] as Crystal, start)).toBeLessThan(0.15);
        expect(near[i]?.lattice).not.toEqual(asTheyWere[i]?.lattice);
      }
      model.dispose();
    });
  });
});
