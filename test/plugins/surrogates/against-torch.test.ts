import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { standardiseLatents } from '../../../lib/search/latent-space.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import type { NamedTensors } from '../../../lib/tensor/safetensors.js';
import { latentGradient } from '../../../plugins/optimizers/latent-gradient/index.js';
import { Conservatism } from '../../../plugins/surrogates/com/conservatism.js';
import { DualVariable } from '../../../plugins/surrogates/com/dual-variable.js';
import { comOptions } from '../../../plugins/surrogates/com/options.js';
import { loadEnergyModel } from '../../../plugins/surrogates/mlp/model.js';
import { Training } from '../../../plugins/surrogates/mlp/training.js';
import { writeWeights } from '../../../plugins/surrogates/mlp/weights-file.js';
import { testContext } from '../../../plugins/testing/test-context.js';

interface Fixture {
  rows: number;
  dimension: number;
  options: Record<string, number>;
  latents: number[];
  targets: number[];
  weights: Record<string, { shape: number[]; data: number[] }>;
  history: { mse: number; over: number; alpha: number }[];
  energies: number[];
  gradients: number[];
  descended: number[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/surrogate/com-torch.json', import.meta.url), 'utf8'),
) as Fixture;

const tensors = (of: Fixture['weights'], value: (x: number) => number = (x) => x, prefix = ''): NamedTensors =>
  Object.fromEntries(
    Object.entries(of).map(([name, { shape, data }]) => [
      `${prefix}${name}`,
      { shape, data: Float32Array.from(data, value) },
    ]),
  );

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

beforeAll(async () => {
  await initBackend();
});

describe('a conservative model trained from the same weights as in PyTorch', () => {
  const options = comOptions.parse(fixture.options);
  const data = {
    dimension: fixture.dimension,
    train: Float32Array.from(fixture.latents),
    validation: new Float32Array(0),
    targets: { train: Float64Array.from(fixture.targets), validation: new Float64Array(0) },
  };

  it('has the same errors, over-estimation, alpha, energies, gradients and descent', async () => {
    const dual = new DualVariable(1, options.tau as number, options.alphaLearningRate);
    const penalty = new Conservatism(dual, 0.05 * Math.sqrt(fixture.dimension), options.adversarySteps);
    const training = new Training(data, options, penalty, Rng.from(0));
    const zero = () => 0;
    const names = Object.keys(fixture.weights);
    const adam: NamedTensors = {
      steps: { shape: [names.length], data: new Int32Array(names.length) },
      ...tensors(fixture.weights, zero, 'm.'),
      ...tensors(fixture.weights, zero, 'v.'),
    };
    training.restore(training.position, { weights: tensors(fixture.weights), adam, best: null });
    for (const expected of fixture.history) {
      const metrics = await training.advance();
      expect(metrics?.['trainMse']).toBeCloseTo(expected.mse, 5);
      expect(metrics?.['over']).toBeCloseTo(expected.over, 5);
      expect(metrics?.['alpha']).toBeCloseTo(expected.alpha, 5);
    }
    const { weights } = training.result();
    const file = writeWeights(weights, training.shape, training.scale);
    const model = loadEnergyModel(new Map([[file.name, file.bytes]]));
    const z = standardiseLatents(data.train, model.scale);
    const { energies, gradients } = await model.gradients(z);
    expect(largestDifference(energies, fixture.energies)).toBeLessThan(1e-4);
    expect(largestDifference(gradients, fixture.gradients)).toBeLessThan(1e-4);

    const optimizer = await latentGradient.create(latentGradient.options.parse({}), testContext());
    const space = { kind: 'latent' as const, dimension: 6, lower: new Float64Array(6), upper: new Float64Array(6) };
    const search = optimizer.start({ ...space, reference: z }, z);
    for (let ask = search.ask(); ask !== null; ask = search.ask()) {
      const { energies: values, gradients: slopes } = await model.gradients(ask.points);
      search.tell({ values, gradients: slopes });
    }
    // Fifty steps: a row beside a kink of the leaky ReLU may take its other side in single precision.
    const end = search.result().points;
    const apart = Array.from(end, (x, i) => Math.abs(x - (fixture.descended[i] as number))).sort((a, b) => a - b);
    expect(apart[Math.floor(0.9 * apart.length)]).toBeLessThan(1e-3);
    training.dispose();
    model.dispose();
  });
});
