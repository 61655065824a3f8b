import { z } from 'zod';
import type { CrystalRow } from '../../../lib/crystal/io/read.js';
import { definePlugin, type Plugin } from '../../../plugins/contract/define-plugin.js';
import type { Optimizer, Search } from '../../../plugins/contract/optimizer.js';
import { random } from '../../../plugins/optimizers/random/index.js';
import { toyCrystals, toySpace } from '../../../plugins/testing/index.js';
import type { Faults } from './toy-training.js';

let draws = 0;

/** A data set of the toy crystals. */
export function toyDataset(faults: Faults): Plugin {
  const plain = z.strictObject({ size: z.number().int().default(12) });
  const options = faults.has('takes any option')
    ? (z.looseObject(plain.shape) as unknown as typeof plain)
    : faults.has('has a bad default')
      ? (z.strictObject({ size: z.number() }) as unknown as typeof plain)
      : faults.has('changes its options')
        ? (z.strictObject({
            size: z
              .number()
              .default(12)
              .transform((n) => n + 1),
          }) as unknown as typeof plain)
        : plain;
  const plugin = definePlugin({
    apiVersion: 1,
    kind: 'dataset',
    name: 'toy',
    version: '1.0.0',
    cacheVersion: 1,
    summary: 'toy',
    cite: [],
    capabilities: {},
    options,
    create: ({ size }) => ({
      load: async () => {
        if (faults.has('cannot load')) throw new Error('no such file');
        const rows = toyCrystals()
          .slice(0, size)
          .map((crystal, index): CrystalRow => {
            const energyPerAtom = faults.has('has no energies') ? {} : { energyPerAtom: -index };
            const chance = faults.has('loads by chance') ? { id: `row-${++draws}` } : {};
            return { index, line: index + 1, crystal: { ...crystal, ...energyPerAtom, ...chance } };
          });
        return { rows, energy: { kind: 'total', scorer: null, description: 'toy' }, provenance: 'toy' };
      },
    }),
  });
  return faults.has('has a bad manifest') ? { ...plugin, version: 'newest' } : plugin;
}

/** optimizer/random, with faults put over it. */
export function toyOptimizer(faults: Faults): Plugin {
  return {
    ...random,
    options: z.strictObject({ budget: z.number().default(12) }),
    create: async (_options, context) => {
      const budget = faults.has('spends too much') ? 13 : 12;
      const sound = (await random.create({ budget, batch: 5 }, context)) as Optimizer;
      return {
        start: (space, starts) => {
          if (faults.has('writes to its input')) starts[0] = 0;
          const fits = faults.has('takes any bounds') ? { ...space, ...toyBounds() } : space;
          return spoil(sound.start(fits, starts), faults);
        },
        restore: (space, state) =>
          spoil(
            faults.has('forgets its state') ? sound.start(space, new Float32Array(12)) : sound.restore(space, state),
            faults,
          ),
      };
    },
  };
}

const toyBounds = () => {
  const { lower, upper } = toySpace('latent');
  return { lower, upper };
};

function spoil(search: Search, faults: Faults): Search {
  return {
    ask: () => {
      const ask = search.ask();
      if (ask && faults.has('asks for something else')) ask.points[0] = (++draws % 7) / 7;
      return ask && faults.has('leaves the box') ? { ...ask, points: ask.points.map((x) => 4 * x) } : ask;
    },
    tell: (results) => {
      if (faults.has('dies of NaN') && results.values.some(Number.isNaN)) throw new Error('NaN');
      const asked = search.ask()?.points.length ?? 0;
      const fit = faults.has('takes any number of values') ? results.values.slice(0, asked / 4) : results.values;
      search.tell({ ...results, values: fit.map((v) => (faults.has('trusts failures') && Number.isNaN(v) ? -1 : v)) });
    },
    result: () => {
      const result = search.result();
      if (faults.has('loses a start')) return { ...result, values: result.values.slice(1) };
      if (faults.has('boasts')) return { ...result, values: result.values.map((v) => v - 1) };
      if (faults.has('searches by chance')) return { ...result, trace: result.trace.map((t) => t.fill(++draws)) };
      return result;
    },
    get evaluations() {
      return search.evaluations;
    },
    state: () => search.state(),
  };
}
