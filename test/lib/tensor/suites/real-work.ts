import { Rng } from '../../../../lib/random/rng.js';
import { BUILT_IN } from '../../../../plugins/built-in.js';
import type { Plugin } from '../../../../plugins/contract/define-plugin.js';
import type { Encoder } from '../../../../plugins/contract/encoder.js';
import { overStructures, type StructureSurrogate, type Surrogate } from '../../../../plugins/contract/surrogate.js';
import { caesiumChloride, randomCrystal, rocksalt, rutile } from '../../../plugins/encoders/cdvae/crystals.js';
import { testContext, tinyOptions, trainingData } from '../../../plugins/encoders/cdvae/harness.js';
import { tinyPaper } from '../../../plugins/encoders/cdvae/paper/harness.js';
import { stretchedCrystals } from '../../../plugins/surrogates/graph-network/crystals.js';
import { bowl } from '../../../plugins/surrogates/toy-data.js';

type Options = Record<string, unknown>;

const MLP = { width: 8, epochs: 2, batchSize: 8 };
const small = (given: object) =>
  tinyOptions({ epochs: 2, validateEvery: 1, noiseLevels: 2, langevinSteps: 1, ...given });
const paper = (given: object) => tinyPaper({ epochs: 2, langevinSteps: 1, noiseLevels: 2, ...given });

/** Variants of each plugin that take different paths through its tensors; a plugin that is not here runs as it comes. */
const VARIANTS: Record<string, Options[]> = {
  'encoder/cdvae': [
    small({}),
    small({ energyWeight: 0 }),
    paper({ energyWeight: 1 }),
    paper({ latticeTarget: 'metric', sampler: 'fast', fastLevels: 3, fastSteps: 1 }),
  ],
  'surrogate/com': [MLP, { ...MLP, keep: 'best' }],
  'surrogate/supervised': [MLP],
  'surrogate/ensemble': [{ ...MLP, members: 2 }],
  'surrogate/graph-network': [{ width: 8, blocks: 2, epochs: 1, batchSize: 8, validateEvery: 1 }],
};

/** Training steps with validation, then everything that a trained model is asked. */
const USE: Partial<Record<string, (plugin: Plugin, options: Options) => Promise<void>>> = {
  encoder: async (plugin, options) => {
    const encoder = (await plugin.create(options, testContext('real work'))) as Encoder;
    const many = randomCrystal(Rng.from('real work'), ['Ti', 'O', 'O', 'Si', 'C']);
    const crystals = [rocksalt('Na', 'Cl', 5.64), caesiumChloride('Cs', 'Cl', 4.12), rutile, many];
    const { blobs } = await encoder.train(trainingData(crystals, crystals.slice(0, 2)));
    const model = await encoder.load(new Map(blobs.map(({ name, bytes }) => [name, bytes])));
    const latents = await model.encode(crystals);
    await model.decode(
      latents,
      crystals.map((crystal) => crystal.species),
    );
    model.dispose();
  },
  surrogate: async (plugin, options) => {
    const surrogate = (await plugin.create(options, testContext('real work'))) as Surrogate | StructureSurrogate;
    if (overStructures(surrogate)) {
      const crystals = stretchedCrystals();
      const trained = await surrogate.train(crystals);
      const over = await surrogate.load(new Map(trained.blobs.map(({ name, bytes }) => [name, bytes])));
      await over.energies(crystals.validation);
      await over.evaluate?.(crystals.validation);
      over.dispose();
      return;
    }
    const data = bowl({ rows: 12, dimension: 3 });
    const { blobs } = await surrogate.train(data);
    const model = await surrogate.load(new Map(blobs.map(({ name, bytes }) => [name, bytes])));
    await model.energies(data.validation);
    await model.gradients(data.validation);
    model.dispose();
  },
};

/** A name and a piece of real work for every built-in plugin that computes with tensors, in all its variants. */
export const REAL_WORK: [string, () => Promise<void>][] = BUILT_IN.filter(
  ({ capabilities }) => (capabilities as Options)['tensors'] === true,
).flatMap((plugin) => {
  const id = `${plugin.kind}/${plugin.name}`;
  const use = USE[plugin.kind];
  if (use === undefined) throw new Error(`nobody has said how ${id} is used: add its kind to USE`);
  return (VARIANTS[id] ?? [{}]).map((given, i): [string, () => Promise<void>] => [
    `${id} (variant ${i + 1})`,
    () => use(plugin, plugin.options.parse(given) as Options),
  ]);
});
