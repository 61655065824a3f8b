import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import { tf } from '../../../lib/tensor/tf.js';
import { forCompound, type Surrogate, type SurrogateTrainingData } from '../../../plugins/contract/surrogate.js';
import { Conservatism } from '../../../plugins/surrogates/com/conservatism.js';
import { DualVariable } from '../../../plugins/surrogates/com/dual-variable.js';
import { EnergyNetwork } from '../../../plugins/surrogates/mlp/network.js';
import { digestBlobs } from '../../../plugins/testing/test-context.js';
import type { Composition } from '../../../schemas/crystal.js';
import { smallSurrogates } from './small-surrogates.js';

const d = 3;
const UNITS: Composition[] = [
  { Mg: 1, O: 1 },
  { Na: 1, Cl: 1 },
  { Ca: 1, F: 2 },
];

/** Energies that the latent says nothing about: they are the compound's own. */
function ofCompounds(validation: readonly Composition[] = UNITS): SurrogateTrainingData {
  const rng = Rng.from('compounds');
  const units = Array.from({ length: 90 }, (_, i) => UNITS[i % 3] as Composition);
  const latents = (n: number) => Float32Array.from({ length: n * d }, () => rng.normal());
  const energies = (of: readonly Composition[]) => Float64Array.from(of, (unit) => UNITS.indexOf(unit) - 1);
  return {
    dimension: d,
    train: latents(90),
    validation: latents(validation.length),
    targets: { train: energies(units), validation: energies(validation) },
    compositions: { train: units, validation: [...validation] },
  };
}

const SMALL = { width: 16, epochs: 60, batchSize: 16, learningRate: 1e-2 };

async function trained(surrogate: Surrogate, data: SurrogateTrainingData) {
  const { blobs, metrics } = await surrogate.train(data);
  const model = await surrogate.load(new Map(blobs.map(({ name, bytes }) => [name, bytes])));
  return { model, metrics, digest: digestBlobs(blobs) };
}

const make = smallSurrogates(SMALL);

const somewhere = Float32Array.from({ length: 4 * d }, (_, i) => Math.sin(3 * i));

beforeAll(async () => {
  await initBackend();
});

describe.each(Object.entries(make))('surrogate/%s with the composition beside the latent', (_, create) => {
  it('learns what the compound says and the latent does not', async () => {
    const { model, metrics } = await trained(await create({ composition: true }), ofCompounds());
    const alone = await trained(await create({}), ofCompounds());
    expect(metrics['trainMse']).toBeLessThan(0.1);
    expect(alone.metrics['trainMse']).toBeGreaterThan(0.3);
    for (const [i, unit] of UNITS.entries()) {
      const { energyMean, energyStd } = model.scale;
      const energies = await forCompound(model, unit).energies(somewhere);
      for (const e of energies) expect(Math.abs(e * energyStd + energyMean - (i - 1))).toBeLessThan(0.5);
    }
  });

  it('has gradients with respect to the latent alone', async () => {
    const { model } = await trained(await create({ composition: true, epochs: 3 }), ofCompounds());
    const { energies, gradients } = await forCompound(model, UNITS[0] as Composition).gradients(somewhere);
    expect([energies.length, gradients.length]).toEqual([4, 4 * d]);
    expect(model.dimension).toBe(d);
  });

  it('names an element that training has not seen, and is not asked without a composition', async () => {
    const { model } = await trained(await create({ composition: true, epochs: 1 }), ofCompounds());
    expect(() => forCompound(model, { Mg: 1, Xe: 1 })).toThrow(
      expect.objectContaining({
        code: 'LCOMS_E_ELEMENT_UNKNOWN',
        message: expect.stringMatching(/Xe.*Ca Cl F Mg Na O/),
      }),
    );
    await expect(model.energies(somewhere)).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
    await expect(model.gradients(somewhere)).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
  });

  it('leaves validation rows of unseen elements out, as if they were not there', async () => {
    const options = { composition: true, epochs: 2, keep: 'best' };
    const stranger: Composition = { Xe: 1, F: 2 };
    const mixed = ofCompounds([...UNITS, stranger]);
    const without: SurrogateTrainingData = {
      ...mixed,
      validation: mixed.validation.slice(0, 3 * d),
      targets: { ...mixed.targets, validation: mixed.targets.validation.slice(0, 3) },
      compositions: { train: mixed.compositions?.train ?? [], validation: UNITS },
    };
    const found = await trained(await create(options), mixed);
    expect(found.digest).toBe((await trained(await create(options), without)).digest);
    await expect((await create(options)).train(ofCompounds([stranger]))).rejects.toMatchObject({
      code: 'LCOMS_E_INPUT',
      message: expect.stringMatching(/validation rows/),
    });
  });

  it('asks for the compositions of all rows', async () => {
    const { compositions: _, ...bare } = ofCompounds();
    await expect((await create({ composition: true })).train(bare)).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
  });

  it('without the option does not look at compositions', async () => {
    const { compositions: _, ...bare } = ofCompounds();
    const { digest, model } = await trained(await create({ epochs: 2 }), ofCompounds());
    expect((await trained(await create({ epochs: 2 }), bare)).digest).toBe(digest);
    expect(forCompound(model, { Xe: 1 })).toBe(model);
  });
});

describe('the adversary of surrogate/com', () => {
  it('moves the latent down its gradient and leaves the composition', () => {
    const shape = { dimension: d, composition: 2, width: 8, depth: 2, slope: 0.3 };
    const network = new EnergyNetwork(shape, Rng.from('network'));
    const rows = Float32Array.from({ length: 4 * (d + 2) }, (_, i) => Math.sin(i));
    tf.tidy(() => {
      const z = tf.tensor2d(rows, [4, d + 2]);
      const pass = network.forward(z);
      const deltas = network.backward(pass);
      const gradients = network.latentGradients(deltas).dataSync();
      const moved = new Conservatism(new DualVariable(1, 1, 0.01), 0.2, 1).adversary(network, pass, deltas).dataSync();
      rows.forEach((x, at) => {
        const [row, j] = [Math.floor(at / (d + 2)), at % (d + 2)];
        expect(moved[at]).toBeCloseTo(j < d ? x - 0.2 * (gradients[row * d + j] as number) : x, 6);
      });
      expect(Math.max(...gradients.map(Math.abs))).toBeGreaterThan(0.01);
      const thrice = new Conservatism(new DualVariable(1, 1, 0.01), 0.2, 3).adversary(network, pass, deltas).dataSync();
      rows.forEach((x, at) => {
        if (at % (d + 2) >= d) expect(thrice[at]).toBe(x);
      });
    });
    network.dispose();
  });
});
