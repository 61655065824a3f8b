import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inverse, multiply, rowTimes } from '../../../../lib/crystal/lattice.js';
import { Rng } from '../../../../lib/random/rng.js';
import { initBackend } from '../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../lib/tensor/parameters.js';
import type { GraphNetworkModel } from '../../../../plugins/surrogates/graph-network/model.js';
import { readModel, writeModel } from '../../../../plugins/surrogates/graph-network/model-file.js';
import { GraphNetwork } from '../../../../plugins/surrogates/graph-network/network.js';
import { graphNetworkOptions } from '../../../../plugins/surrogates/graph-network/options.js';
import { testContext } from '../../../../plugins/testing/test-context.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';
import { ELEMENTS } from '../../../../schemas/elements.js';
import { crystalArbitrary, unimodularArbitrary } from '../../../lib/crystal/arbitraries.js';

const RUNS = { numRuns: 15 };
let model: GraphNetworkModel;

/** An untrained network: what holds must hold for any weights. */
beforeAll(async () => {
  await initBackend();
  const options = graphNetworkOptions.parse({ width: 12, blocks: 2, radialFunctions: 12 });
  const parameters = new Parameters(Rng.from('symmetries'));
  new GraphNetwork(parameters, options);
  const elements = ELEMENTS.slice(1);
  const { name, bytes } = writeModel(parameters.save(), { options, energyMean: -1, energyStd: 1, elements });
  parameters.dispose();
  model = readModel(new Map([[name, bytes]]), testContext());
});
afterAll(() => model.dispose());

const energyOf = async (crystal: Crystal): Promise<number> => (await model.energies([crystal]))[0] as number;

describe('the energy of a graph network', () => {
  it('is the same in any cell of the lattice, of atoms in any order and from any origin', async () => {
    await fc.assert(
      fc.asyncProperty(crystalArbitrary, unimodularArbitrary, async (crystal, change) => {
        const back = inverse(change);
        const moved = crystal.frac.map(([x, y, z]): Vec3 => rowTimes([x + 0.31, y - 2.2, z + 0.05], back)).reverse();
        const other = {
          lattice: multiply(change, crystal.lattice),
          species: crystal.species.toReversed(),
          frac: moved,
        };
        expect(await energyOf(other)).toBeCloseTo(await energyOf(crystal), 4);
      }),
      RUNS,
    );
  });

  it('falls along its forces', async () => {
    await fc.assert(
      fc.asyncProperty(crystalArbitrary, async (crystal) => {
        const [found] = await model.evaluate([crystal]);
        if (!found || !('forces' in found)) throw found;
        const { forces } = found;
        const steepest = Math.hypot(...forces);
        // A crystal of one atom, or one of high symmetry.
        if (steepest < 1e-3) return;
        const size = 2e-3;
        const back = inverse(crystal.lattice);
        const step = (along: number): Crystal => ({
          ...crystal,
          frac: crystal.frac.map((f, i): Vec3 => {
            const move = [0, 1, 2].map((k) => (along * (forces[3 * i + k] as number)) / steepest) as Vec3;
            return f.map((x, k) => x + (rowTimes(move, back)[k] as number)) as Vec3;
          }),
        });
        const n = crystal.species.length;
        const slope = (n * ((await energyOf(step(size))) - (await energyOf(step(-size))))) / (2 * size);
        expect(Math.abs(slope + steepest)).toBeLessThan(0.02 * steepest + 2e-3);
      }),
      RUNS,
    );
  });
});
