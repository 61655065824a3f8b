import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inverse, latticeParameters, rowTimes, volume } from '../../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../../lib/random/rng.js';
import { standardise } from '../../../../../plugins/encoders/cdvae/lattice-target.js';
import { corruptFreely } from '../../../../../plugins/encoders/cdvae/paper/corruption.js';
import {
  cellFromNumbers,
  fitPaperScale,
  latticeNumbers,
  logVolumePerAtom,
} from '../../../../../plugins/encoders/cdvae/paper/lattice-parameters.js';
import { lookAtLoss, startPlateau } from '../../../../../plugins/encoders/cdvae/paper/plateau.js';
import { samplerMoves } from '../../../../../plugins/encoders/cdvae/paper/sampler.js';
import type { Vec3 } from '../../../../../schemas/crystal.js';
import { randomCrystal, rocksalt, rutile } from '../crystals.js';
import { tinyPaper } from './harness.js';

const rng = Rng.from('parts');
const crystals = [rutile, rocksalt('Na', 'Cl', 5.64), randomCrystal(rng, ['Si', 'O', 'O'])];
const scaleOf = (target: 'parameters' | 'metric') =>
  fitPaperScale(
    crystals.map(({ lattice, species: { length: n } }) => ({
      numbers: latticeNumbers(lattice, n, target),
      logVolume: logVolumePerAtom(lattice, n),
    })),
  );

describe('lattice numbers', () => {
  test.each(['parameters', 'metric'] as const)('of a crystal are its cell again (%s)', (target) => {
    const scale = scaleOf(target);
    for (const { lattice, species } of crystals) {
      const n = species.length;
      const cell = cellFromNumbers(standardise(latticeNumbers(lattice, n, target), scale), n, scale, target);
      const [found, wanted] = [latticeParameters(cell), latticeParameters(lattice)];
      [...wanted.lengths, ...wanted.angles].forEach((x, k) => {
        expect([...found.lengths, ...found.angles][k]).toBeCloseTo(x, 4);
      });
    }
  });

  test.each(['parameters', 'metric'] as const)('whatever they are, make a cell of a sensible volume (%s)', (target) => {
    const scale = scaleOf(target);
    const number = fc.oneof(fc.double({ min: -8, max: 8, noNaN: true }), fc.constantFrom(NaN, Infinity, -1e30));
    fc.assert(
      fc.property(fc.array(number, { minLength: 6, maxLength: 6 }), fc.integer({ min: 1, max: 20 }), (six, n) => {
        const logVolume = Math.log(volume(cellFromNumbers(six, n, scale, target)) / n);
        expect(logVolume).toBeGreaterThan(scale.logVolume[0] - Math.LN2 - 1e-6);
        expect(logVolume).toBeLessThan(scale.logVolume[1] + Math.LN2 + 1e-6);
      }),
    );
  });

  test('are lengths over the cube root of the number of atoms, and angles in degrees', () => {
    const numbers = latticeNumbers(rutile.lattice, 6, 'parameters');
    [4.594 / Math.cbrt(6), 4.594 / Math.cbrt(6), 2.959 / Math.cbrt(6), 90, 90, 90].forEach((x, k) => {
      expect(numbers[k]).toBeCloseTo(x, 10);
    });
  });
});

describe('corruption', () => {
  test.each([0.02, 0.5, 10])('points back to the nearest image of the clean atom, at %s A', (sigma) => {
    for (const { lattice, species, frac } of crystals) {
      const clean = { n: species.length, lattice, inverse: inverse(lattice), frac: Float64Array.from(frac.flat()) };
      const { frac: noisy, target } = corruptFreely(clean, sigma, rng.fork(`${sigma}`));
      for (let i = 0; i < clean.n; i++) {
        const at = (x: Float64Array) => Array.from(x.subarray(3 * i, 3 * i + 3)) as Vec3;
        const back = at(target).map((x) => x * sigma) as Vec3;
        const landed = rowTimes(back, clean.inverse).map((x, k) => x + (at(noisy)[k] as number));
        // On an image of the clean atom ...
        landed.forEach((x, k) => {
          const off = x - (clean.frac[3 * i + k] as number);
          expect(Math.abs(off - Math.round(off))).toBeLessThan(1e-8);
        });
        // ... and no other is nearer.
        for (const step of [-2, -1, 0, 1, 2].flatMap((x) =>
          [-2, -1, 0, 1, 2].flatMap((y) => [-2, -1, 0, 1, 2].map((z) => [x, y, z] as Vec3)),
        )) {
          const other = rowTimes(step, lattice).map((x, k) => x + (back[k] as number));
          expect(Math.hypot(...other)).toBeGreaterThan(Math.hypot(...back) - 1e-9);
        }
      }
    }
  });
});

describe('samplers', () => {
  const published = { noiseMax: 10, noiseMin: 0.01, noiseLevels: 50 };

  test('langevin is the published one: 5,000 calls, step 1e-4 (sigma / sigma_min)^2', () => {
    const moves = samplerMoves(tinyPaper(published));
    expect(moves).toHaveLength(5000);
    for (const { sigma, drift, spread } of moves) {
      expect(drift).toBeCloseTo(1e-4 * (sigma / 0.01) ** 2, 10);
      expect(spread ** 2).toBeCloseTo(2 * drift, 10);
    }
    expect([moves[0]?.sigma, moves[100]?.sigma, moves.at(-1)?.sigma].map((x) => x?.toFixed(6))).toEqual([
      '10.000000',
      (10 * 1000 ** (-1 / 49)).toFixed(6),
      '0.010000',
    ]);
  });

  test('fast takes at most 200 calls and, with the exact score, draws from the data', () => {
    const moves = samplerMoves(tinyPaper({ ...published, sampler: 'fast' }));
    expect(moves).toHaveLength(150);
    // One coordinate of normal data of spread 0.3 A about 2 A: at level sigma the score is (2 - x) / (0.09 + sigma^2).
    const stream = rng.fork('normal');
    const draws = Array.from({ length: 2000 }, () => {
      let x = 30 * (stream.uniform() - 0.5);
      for (const { sigma, drift, spread } of moves)
        x += (drift * (2 - x)) / (0.09 + sigma ** 2) + spread * stream.normal();
      return x;
    });
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(2, 1);
    expect(Math.sqrt(variance)).toBeGreaterThan(0.27);
    expect(Math.sqrt(variance)).toBeLessThan(0.33);
  });
});

test('the learning rate falls as that of ReduceLROnPlateau', () => {
  const options = { learningRate: 1, plateauFactor: 0.6, plateauPatience: 2, minLearningRate: 0.3 };
  const losses = [1, 1.1, 0.99995, 1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
  let state = startPlateau(options);
  const rates = losses.map((loss) => {
    state = lookAtLoss(state, loss, options);
    return state.learningRate;
  });
  // What torch 2.15's ReduceLROnPlateau(factor=0.6, patience=2, min_lr=0.3) gave, step(loss) for each of these losses.
  expect(rates.map((r) => +r.toFixed(4))).toEqual([1, 1, 1, 0.6, 0.6, 0.6, 0.6, 0.36, 0.36, 0.36, 0.3, 0.3, 0.3, 0.3]);
});
