import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { CmaEs } from '../../../plugins/optimizers/cma-es/cma-es.js';
import { cmaEsOptions } from '../../../plugins/optimizers/cma-es/options.js';
import {
  expectedImprovement,
  improvementDirection,
  logExpectedImprovement,
} from '../../../plugins/optimizers/gp-ei/expected-improvement.js';
import { fitHyperparameters, GaussianProcess } from '../../../plugins/optimizers/gp-ei/gaussian-process.js';
import { latinHypercube } from '../../../plugins/optimizers/gp-ei/latin-hypercube.js';
import { Parzen } from '../../../plugins/optimizers/tpe/parzen.js';
import { difference, fixture } from './fixture.js';

describe('expected improvement', () => {
  it('is its integral (scipy), in closed form and by its logarithm', () => {
    for (const { mean, std, best, ei } of fixture.improvement) {
      expect(logExpectedImprovement(mean, std, best)).toBeCloseTo(Math.log(ei), 7);
      if (ei > 1e-6) expect(expectedImprovement(mean, std, best) / ei).toBeCloseTo(1, 9);
    }
  });

  it('has a logarithm without steps where its forms meet, down to where it underflows', () => {
    for (const z of [-5, -50]) {
      const [a, b] = [logExpectedImprovement(0, 1, z - 1e-9), logExpectedImprovement(0, 1, z + 1e-9)];
      expect(Math.abs(a - b)).toBeLessThan(1e-4);
    }
    expect(logExpectedImprovement(0, 1, -1e4)).toBeLessThan(logExpectedImprovement(0, 1, -9e3));
  });
});

describe('the Gaussian process', () => {
  const process = ({ lengths, noise, x, y }: (typeof fixture.gaussianProcess)[number]) =>
    new GaussianProcess(
      Float64Array.from(x),
      Float64Array.from(y),
      3,
      Float64Array.of(...lengths.map(Math.log), Math.log(noise)),
    );

  it('predicts as scikit-learn does', () => {
    for (const one of fixture.gaussianProcess) {
      const found = one.mean.map((_, i) => process(one).predict(Float64Array.from(one.at.slice(3 * i, 3 * i + 3))));
      expect(
        difference(
          found.map(({ mean }) => mean),
          one.mean,
        ),
      ).toBeLessThan(1e-8);
      expect(
        difference(
          found.map(({ std }) => std),
          one.std,
        ),
      ).toBeLessThan(1e-7);
    }
  });

  it('has the marginal likelihood of scikit-learn, but for the prior and a constant', () => {
    for (const one of fixture.gaussianProcess) {
      const centre = Math.SQRT2 + Math.log(3) / 2;
      const prior = one.lengths.reduce((sum, l) => sum - (Math.log(l) - centre) ** 2 / 6, 0);
      // With the signal variance profiled out, y^T K^-1 y is n.
      const constant = -(12 / 2) * (1 + Math.log(2 * Math.PI));
      expect(process(one).logPosterior() - prior + constant).toBeCloseTo(one.logLikelihood, 7);
    }
  });

  it('has gradients that are those of its values', () => {
    const h = 1e-5;
    for (const { lengths, noise, x, y } of fixture.gaussianProcess) {
      const theta = Float64Array.of(...lengths.map(Math.log), Math.log(noise));
      const at = (t: Float64Array) => new GaussianProcess(Float64Array.from(x), Float64Array.from(y), 3, t);
      const numeric = theta.map((_, j) => {
        const [up, down] = [1, -1].map((s) => at(theta.map((v, k) => v + (k === j ? s * h : 0))).logPosterior());
        return ((up as number) - (down as number)) / (2 * h);
      });
      expect(difference(at(theta).gradient(), numeric)).toBeLessThan(1e-5);

      const point = Float64Array.of(0.2, 0.7, 0.4);
      const { mean, std, dMean, dStd } = at(theta).predict(point, true);
      const moved = (j: number, s: number) => at(theta).predict(point.map((v, k) => v + (k === j ? s * h : 0)));
      const slope = (f: (p: { mean: number; std: number }) => number) =>
        point.map((_, j) => (f(moved(j, 1)) - f(moved(j, -1))) / (2 * h));
      expect(
        difference(
          dMean as Float64Array,
          slope((p) => p.mean),
        ),
      ).toBeLessThan(1e-6);
      expect(
        difference(
          dStd as Float64Array,
          slope((p) => p.std),
        ),
      ).toBeLessThan(1e-5);
      const direction = improvementDirection(
        { mean, std, dMean: dMean as Float64Array, dStd: dStd as Float64Array },
        -1,
      );
      const gain = slope((p) => logExpectedImprovement(p.mean, p.std, -1));
      expect(direction.map(Math.sign)).toEqual(gain.map(Math.sign));
      const ratio = (gain[0] as number) / (direction[0] as number);
      expect(
        difference(
          direction.map((v) => v * ratio),
          gain,
        ),
      ).toBeLessThan(1e-4);
    }
  });

  it('fits hyperparameters that are likelier than those it began with', () => {
    const one = fixture.gaussianProcess[0] as (typeof fixture.gaussianProcess)[number];
    const [x, y] = [Float64Array.from(one.x), Float64Array.from(one.y)];
    const theta = Float64Array.of(Math.log(0.05), Math.log(0.01));
    const fitted = fitHyperparameters(x, y, 3, theta, 40);
    const posterior = (t: Float64Array) => new GaussianProcess(x, y, 3, t).logPosterior();
    expect(posterior(fitted)).toBeGreaterThan(posterior(theta) + 1);
    // A maximum, or at a bound of the noise.
    expect(Math.abs(new GaussianProcess(x, y, 3, fitted).gradient()[0] as number)).toBeLessThan(0.1);
  });

  it('begins with a point in every part of every dimension', () => {
    const points = latinHypercube(Rng.from(1), 8, 3, null);
    for (let j = 0; j < 3; j++) {
      const parts = Array.from({ length: 8 }, (_, i) => Math.floor(8 * (points[3 * i + j] as number)));
      expect(parts.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
  });
});

describe('the Parzen estimator', () => {
  it('has the densities of Optuna', () => {
    for (const { observations, at, logDensity } of fixture.parzen) {
      const estimator = new Parzen(Float64Array.from(observations));
      expect(
        difference(
          at.map((x) => Math.log(estimator.density(x))),
          logDensity,
        ),
      ).toBeLessThan(1e-9);
    }
  });

  it('draws from its density, inside [0, 1]', () => {
    const estimator = new Parzen(Float64Array.of(0.02, 0.1, 0.9));
    const rng = Rng.from(3);
    const drawn = Array.from({ length: 20_000 }, () => estimator.sample(rng));
    for (let part = 0; part < 5; part++) {
      const share = drawn.filter((x) => x >= part / 5 && x < (part + 1) / 5).length / drawn.length;
      const mass = Array.from({ length: 200 }, (_, i) => estimator.density((part + (i + 0.5) / 200) / 5) / 1000);
      expect(Math.abs(share - mass.reduce((a, b) => a + b, 0))).toBeLessThan(0.015);
    }
    expect(drawn.every((x) => x >= 0 && x <= 1)).toBe(true);
  });
});

describe('the distribution of CMA-ES', () => {
  it('moves as that of cmaes when both learn from the same samples', () => {
    for (const { d, population, generations, ...after } of fixture.cma) {
      const row = { dimension: d, start: new Float64Array(d).fill(0.5), rng: Rng.from(0), budget: 1e6 };
      let cma = new CmaEs(row, cmaEsOptions.parse({ population, sigma: 0.2 }));
      for (const { x, values } of generations) {
        const state = cma.state();
        const { mean } = state.arrays as { mean: Float64Array };
        const sigma = state.values.sigma as number;
        const steps = Float64Array.from(x, (v, at) => (v - (mean[at % d] as number)) / sigma);
        const given = { values: { ...state.values, first: false }, arrays: { ...state.arrays, steps } };
        cma = new CmaEs(row, cmaEsOptions.parse({ population, sigma: 0.2 }), given);
        cma.learn(Float64Array.from(x), Float64Array.from(values));
      }
      const { values, arrays } = cma.state();
      expect(difference(arrays.mean as Float64Array, after.mean)).toBeLessThan(1e-9);
      expect(values.sigma).toBeCloseTo(after.sigma, 9);
      // cmaes adds 1e-8 where it divides by lengths of steps.
      expect(difference(arrays.c as Float64Array, after.covariance)).toBeLessThan(1e-6);
    }
  });

  it('keeps its samples in the box and its mean too, whatever comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(Number.NaN, 0, 1, 2), { minLength: 60, maxLength: 60 }), (told) => {
        const row = { dimension: 2, start: Float64Array.of(0, 1), rng: Rng.from(told.length), budget: 60 };
        const cma = new CmaEs(row, cmaEsOptions.parse({ sigma: 1 }));
        for (let at = 0; at < 60; at += 6) {
          const points = cma.propose(60 - at);
          expect(points.every((u) => u >= 0 && u <= 1)).toBe(true);
          cma.learn(points, Float64Array.from(told.slice(at, at + 6)));
        }
        expect(cma.state().arrays.mean?.every((u) => u >= 0 && u <= 1)).toBe(true);
      }),
    );
  });
});
