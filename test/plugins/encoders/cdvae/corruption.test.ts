import { describe, expect, test } from 'vitest';
import { nearestImage } from '../../../../lib/crystal/displacement.js';
import { Rng } from '../../../../lib/random/rng.js';
import { learningRateAt } from '../../../../lib/tensor/learning-rate.js';
import { corrupt } from '../../../../plugins/encoders/cdvae/corruption.js';
import { noiseCoordinate, noiseLevels } from '../../../../plugins/encoders/cdvae/noise.js';
import { prepareCrystal } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import type { Vec3 } from '../../../../schemas/crystal.js';
import { copper, randomCrystal } from './crystals.js';
import { tinyOptions } from './harness.js';

const at = (frac: Float64Array, i: number) => [...frac.subarray(3 * i, 3 * i + 3)] as Vec3;

describe('noise on coordinates', () => {
  test.each([0.1, 0.5, 3])('of %s A: the target leads back to the nearest image, the mean stays', (sigma) => {
    const rng = Rng.from('noise');
    const crystal = prepareCrystal(randomCrystal(rng, ['Na', 'Cl', 'O', 'O']), tinyOptions());
    const { frac, target } = corrupt(crystal, sigma, rng);
    const way = nearestImage(crystal.lattice);
    const back = [0, 1, 2, 3].map((i) => way(at(frac, i), at(crystal.frac, i)));
    for (let k = 0; k < 3; k++) {
      const mean = back.reduce((sum, v) => sum + (v[k] as number), 0) / 4;
      back.forEach((v, i) => {
        expect(target[3 * i + k]).toBeCloseTo(((v[k] as number) - mean) / sigma, 8);
      });
      expect(target[k] as number).not.toBe(0);
    }
  });

  test('has the asked standard deviation', () => {
    const rng = Rng.from('spread');
    const crystal = prepareCrystal(randomCrystal(rng, ['Na', 'Cl']), tinyOptions());
    let squares = 0;
    for (let i = 0; i < 500; i++) {
      const { target } = corrupt(crystal, 0.05, rng);
      squares += target.reduce((sum, x) => sum + x * x, 0);
    }
    // Two atoms with a fixed mean: half of the variance is left.
    expect(squares / (500 * 6)).toBeCloseTo(0.5, 1);
  });

  test('leaves a single atom where it is', () => {
    const crystal = prepareCrystal(copper, tinyOptions());
    expect([...corrupt(crystal, 1, Rng.from(1)).target].map(Math.abs)).toEqual([0, 0, 0]);
  });
});

test('noise levels fall geometrically between the ends, and the decoder is told -1 to 1', () => {
  const levels = noiseLevels(1, 0.1, 5);
  expect(levels[0]).toBe(1);
  expect(levels[4]).toBeCloseTo(0.1, 12);
  expect((levels[1] as number) / (levels[0] as number)).toBeCloseTo((levels[4] as number) / (levels[3] as number), 12);
  expect(noiseCoordinate(1, 1, 0.1)).toBeCloseTo(1, 12);
  expect(noiseCoordinate(0.1, 1, 0.1)).toBeCloseTo(-1, 12);
  expect([...noiseLevels(0.5, 0.5, 1)]).toEqual([0.5]);
});

test('the learning rate rises over the warm-up and falls to a fiftieth', () => {
  const options = { learningRate: 1, warmupSteps: 10 };
  expect(learningRateAt(0, 1000, options)).toBeCloseTo(0.1, 12);
  expect(learningRateAt(10, 1000, options)).toBeCloseTo(1, 12);
  expect(learningRateAt(999, 1000, options)).toBeCloseTo(0.02, 3);
  expect(learningRateAt(0, 1, options)).toBe(1);
});
