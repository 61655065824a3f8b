import { beforeAll, expect, test } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { tf } from '../../../../lib/tensor/tf.js';
import { lossTerms } from '../../../../plugins/encoders/cdvae/loss.js';
import { prepareCrystal } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import { lossInputs } from '../../../../plugins/encoders/cdvae/training-batches.js';
import { randomCrystal } from './crystals.js';
import { tinyOptions, untrained } from './harness.js';

beforeAll(async () => {
  await initBackend();
});

test.each(['regressed', 'diffused'] as const)(
  'the gradient of the whole loss agrees with finite differences in every parameter, lattices %s',
  (lattice) => {
    const rng = Rng.from('gradients');
    const options = tinyOptions({ klWeight: 0.1, lattice });
    const crystals = [randomCrystal(rng, ['Na', 'Cl', 'O']), randomCrystal(rng, ['Si', 'C', 'C'])];
    const { parameters, networks, scale } = untrained(options, crystals);
    const rows = crystals.map((crystal, i) => ({ crystal: prepareCrystal(crystal, options), energy: i - 0.4 }));
    const inputs = lossInputs(rows, options, scale, rng);
    const loss = () => lossTerms(networks, inputs, options).total;
    const { gradients } = parameters.gradients(loss);
    // Every parameter takes part, but for the vectors that the encoder's last block makes and nobody reads.
    expect([...gradients.keys()].sort()).toEqual(parameters.names().sort());

    for (const [name, variable] of parameters.entries()) {
      const direction = new Float32Array(variable.size);
      rng.fork(name).fillNormal(direction);
      const length = Math.hypot(...direction);
      const unit = tf.tensor(
        direction.map((x) => x / length),
        variable.shape,
      );
      const gradient = gradients.get(name) as tf.Tensor;
      const slope = tf.tidy(() => tf.sum(tf.mul(gradient, unit)).dataSync()[0] as number);
      const size = tf.tidy(() => tf.norm(gradient).dataSync()[0] as number);
      const start = variable.clone();
      const valueAt = (h: number) =>
        tf.tidy(() => {
          variable.assign(tf.add(start, tf.mul(unit, h)));
          return loss().dataSync()[0] as number;
        });
      const h = 0.02;
      // Fourth order: float32 values leave no room for a small step.
      const measured = (8 * (valueAt(h) - valueAt(-h)) - (valueAt(2 * h) - valueAt(-2 * h))) / (12 * h);
      variable.assign(start);
      expect(Math.abs(measured - slope), name).toBeLessThan(2e-3 + 0.01 * (Math.abs(slope) + 0.1 * size));
    }
    parameters.dispose();
  },
);
