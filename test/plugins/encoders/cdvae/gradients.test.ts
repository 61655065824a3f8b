import { beforeAll, test } from 'vitest';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { lossTerms } from '../../../../plugins/encoders/cdvae/loss.js';
import { prepareCrystal } from '../../../../plugins/encoders/cdvae/prepared-crystal.js';
import { lossInputs } from '../../../../plugins/encoders/cdvae/training-batches.js';
import { randomCrystal } from './crystals.js';
import { expectGradientsOf } from './finite-differences.js';
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
    // Every parameter takes part, but for the vectors that the encoder's last block makes and nobody reads.
    expectGradientsOf(loss, parameters, rng, 2e-3);
    parameters.dispose();
  },
);
