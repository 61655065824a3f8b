import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ELEMENT_FEATURES } from '../../../../lib/crystal/element-features.js';
import { Rng } from '../../../../lib/random/rng.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../../../lib/scoring/evaluation.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../lib/tensor/parameters.js';
import type { NamedTensors } from '../../../../lib/tensor/safetensors.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { crystalGraph } from '../../../../plugins/surrogates/graph-network/graph.js';
import { readModel, writeModel } from '../../../../plugins/surrogates/graph-network/model-file.js';
import { GraphNetwork, graphBatch } from '../../../../plugins/surrogates/graph-network/network.js';
import type { NetworkOptions } from '../../../../plugins/surrogates/graph-network/options.js';
import { testContext } from '../../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { atomicNumber } from '../../../../schemas/elements.js';

/** Made by test/fixtures/make/graph_network_torch.py in double precision. */
const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/surrogate/graph-network-torch.json', import.meta.url), 'utf8'),
) as {
  options: NetworkOptions;
  weights: Record<string, { shape: number[]; data: number[] }>;
  cases: {
    crystal: Crystal;
    energy: number;
    forces: number[];
    stress: number[];
    gradients: Record<string, number[]>;
  }[];
};

const { options } = fixture;
const ELEMENTS = ['Na', 'Cl', 'Ti', 'O'];
const row = (element: string): number => (atomicNumber(element) as number) * options.width;

/** The fixture's weights; an element's vector there is the row of its own feature here, the shared features give nothing. */
function weights(): NamedTensors {
  const embedding = new Float32Array(ELEMENT_FEATURES * options.width);
  for (const element of ELEMENTS) embedding.set(fixture.weights[`element.${element}`]?.data as number[], row(element));
  const others = Object.entries(fixture.weights).filter(([name]) => !name.startsWith('element.'));
  return {
    'embedding.weight': { shape: [ELEMENT_FEATURES, options.width], data: embedding },
    'embedding.bias': { shape: [options.width], data: new Float32Array(options.width) },
    ...Object.fromEntries(others.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }])),
  };
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

beforeAll(async () => {
  await initBackend();
});

describe('the graph network with the weights of one in PyTorch', () => {
  it('gives its energies, forces and stress', async () => {
    const description = { options, energyMean: 0, energyStd: 1, elements: ELEMENTS };
    const blob = writeModel(weights(), description);
    const model = readModel(new Map([[blob.name, blob.bytes]]), testContext());
    const crystals = fixture.cases.map(({ crystal }) => crystal);
    const energies = await model.energies(crystals);
    const evaluated = (await model.evaluate(crystals)) as Evaluation[];
    fixture.cases.forEach(({ crystal, energy, forces, stress }, i) => {
      const { energy: total, forces: f, stress: s } = evaluated[i] as Evaluation;
      expect(energies[i]).toBeCloseTo(energy, 5);
      expect(total).toBeCloseTo(energy * crystal.species.length, 5);
      expect(furthest(f, forces)).toBeLessThan(2e-6);
      const wanted = stress.map((x) => x * GPA_PER_EV_A3);
      expect(furthest(s, wanted)).toBeLessThan(1e-4);
    });
    // Were all of them next to nothing, nothing would have been compared.
    expect(Math.max(...fixture.cases.flatMap(({ forces }) => forces).map(Math.abs))).toBeGreaterThan(5e-3);
    model.dispose();
  });

  it('gives the gradients of its weights', () => {
    const parameters = new Parameters(Rng.from('overwritten'));
    const network = new GraphNetwork(parameters, options);
    parameters.load(weights());
    for (const { crystal, gradients: wanted } of fixture.cases) {
      const { loss, gradients } = parameters.gradients(() => {
        const batch = graphBatch([crystalGraph(crystal, options)], options.radialFunctions);
        return tf.sum(network.apply(batch)) as tf.Scalar;
      });
      const found = (name: string): ArrayLike<number> => {
        if (!name.startsWith('element.')) return gradients.get(name)?.dataSync() ?? [];
        const all = gradients.get('embedding.weight')?.dataSync() as Float32Array;
        const from = row(name.slice('element.'.length));
        return all.subarray(from, from + options.width);
      };
      expect(Object.keys(wanted).length).toBeGreaterThan(15);
      for (const [name, values] of Object.entries(wanted))
        expect(furthest(found(name), values), name).toBeLessThan(2e-5);
      loss.dispose();
      for (const gradient of gradients.values()) gradient.dispose();
    }
    parameters.dispose();
  });
});
