import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { initBackend } from '../../../lib/tensor/backend.js';
import { readSafetensors } from '../../../lib/tensor/safetensors.js';
import { tf } from '../../../lib/tensor/tf.js';
import type { SurrogateTrainingData } from '../../../plugins/contract/surrogate.js';
import { Conservatism } from '../../../plugins/surrogates/com/conservatism.js';
import { DualVariable } from '../../../plugins/surrogates/com/dual-variable.js';
import { EnergyNetwork } from '../../../plugins/surrogates/mlp/network.js';
import { batchGradients } from '../../../plugins/surrogates/mlp/training-step.js';
import { digestBlobs } from '../../../plugins/testing/test-context.js';
import { smallSurrogates } from './small-surrogates.js';
import { bowl } from './toy-data.js';

const SMALL = { width: 24, epochs: 60, batchSize: 16, learningRate: 3e-3 };

const plain = bowl({ rows: 100, dimension: 4 });
/** Formation energies that follow from the first numbers of the latent. */
const data: SurrogateTrainingData = {
  ...plain,
  formation: Float64Array.from(plain.targets.train, (_, i) => 3 * (plain.train[4 * i] as number) - 7),
};

const make = smallSurrogates(SMALL);

beforeAll(async () => {
  await initBackend();
});

describe.each(Object.entries(make))('surrogate/%s with a second output', (_, create) => {
  it('learns the formation energy beside its target, and leaves no trace of it in the model', async () => {
    const { blobs, metrics } = await (await create({ formationWeight: 1 })).train(data);
    expect(metrics['trainMse']).toBeLessThan(0.3);
    const std = 3 * Math.sqrt(plain.train.reduce((sum, x, at) => sum + (at % 4 === 0 ? (x + 1) ** 2 : 0), 0) / 100);
    expect(metrics['trainFormationRmse']).toBeLessThan(0.3 * std);
    const names = (of: typeof blobs) =>
      of
        .filter(({ name }) => name.endsWith('.safetensors'))
        .map(({ bytes }) => Object.keys(readSafetensors(bytes, 'weights').tensors).sort());
    const alone = await (await create({ epochs: 1 })).train(plain);
    expect(names(blobs)).toEqual(names(alone.blobs));
    expect(alone.metrics).not.toHaveProperty('trainFormationRmse');
  });

  it('changes what the shared layers learn, and nothing where it is not asked for', async () => {
    const digest = async (options: object, of: SurrogateTrainingData) =>
      digestBlobs((await (await create({ epochs: 2, ...options })).train(of)).blobs);
    expect(await digest({ formationWeight: 1 }, data)).not.toBe(await digest({}, data));
    expect(await digest({}, data)).toBe(await digest({}, plain));
  });

  it('asks for formation energies of all rows', async () => {
    const surrogate = await create({ formationWeight: 1 });
    for (const formation of [undefined, new Float64Array(3), new Float64Array(100).fill(Number.NaN)]) {
      const given = formation === undefined ? plain : { ...plain, formation };
      await expect(surrogate.train(given)).rejects.toMatchObject({ code: 'LCOMS_E_INPUT' });
    }
  });
});

describe('the gradients of both errors', () => {
  it('are those of automatic differentiation', () => {
    const network = new EnergyNetwork({ dimension: 3, width: 7, depth: 2, slope: 0.3 }, Rng.from('network'), true);
    const rng = Rng.from('rows');
    const column = () =>
      tf.tensor2d(
        Float32Array.from({ length: 5 }, () => rng.normal()),
        [5, 1],
      );
    const [z, energies, formation] = [
      tf.tensor2d(
        Float32Array.from({ length: 15 }, () => rng.normal()),
        [5, 3],
      ),
      column(),
      column(),
    ];
    const own = batchGradients(network, { z, energies, formation: { energies: formation, weight: 0.7 } }, null);
    const { loss, gradients } = network.parameters.gradients(() => {
      const pass = network.forward(z);
      const error = (found: tf.Tensor, known: tf.Tensor) => tf.mean(tf.square(tf.sub(found, known)));
      return tf.add(
        error(pass.energies, energies),
        tf.mul(error(network.formation(pass), formation), 0.7),
      ) as tf.Scalar;
    });
    expect(own.mse + 0.7 * own.formationMse).toBeCloseTo(loss.dataSync()[0] as number, 5);
    expect([...own.gradients.keys()].sort()).toEqual([...gradients.keys()].sort());
    for (const [name, gradient] of gradients) {
      const found = own.gradients.get(name)?.dataSync() as Float32Array;
      for (const [i, g] of gradient.dataSync().entries()) expect(found[i]).toBeCloseTo(g, 5);
    }
    network.dispose();
  });

  it('with an adversary are the sum of its own and those of the second error', () => {
    const network = new EnergyNetwork({ dimension: 3, width: 7, depth: 2, slope: 0.3 }, Rng.from('network'), true);
    const rng = Rng.from('rows');
    const tensor = (n: number, m: number) =>
      tf.tensor2d(
        Float32Array.from({ length: n * m }, () => rng.normal()),
        [n, m],
      );
    const [z, energies, formation] = [tensor(5, 3), tensor(5, 1), tensor(5, 1)];
    const penalty = new Conservatism(new DualVariable(2, 1, 0.01), 0.1, 2);
    const gradients = (weight: number | null, of: Conservatism | null) =>
      batchGradients(
        network,
        { z, energies, ...(weight !== null && { formation: { energies: formation, weight } }) },
        of,
      ).gradients;
    const [both, first, regression, withSecond] = [
      gradients(0.7, penalty),
      gradients(null, penalty),
      gradients(null, null),
      gradients(0.7, null),
    ];
    for (const [name, gradient] of both) {
      const at = (of: Map<string, tf.Tensor>, i: number) => of.get(name)?.dataSync()[i] ?? 0;
      for (const [i, g] of gradient.dataSync().entries())
        expect(g).toBeCloseTo(at(first, i) + at(withSecond, i) - at(regression, i), 5);
    }
    network.dispose();
  });
});
