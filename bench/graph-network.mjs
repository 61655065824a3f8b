// The learning curve of surrogate/graph-network: mean absolute error of formation energies on formulas that training has not
// seen, beside what always says the mean and what is linear in composition. One split by reduced formula (80 : 10 : 10 of the
// formulas); the validation formulas choose the epoch, the test formulas are looked at once. Subsets are nested.
// npm run -s build && node bench/graph-network.mjs --data mp.jsonl.gz [--sizes 1000:40,2000:40,all:20] [--out FILE] [--work DIR]
// Sizes come with their epochs. A run that was cut off goes on from DIR, where models and results of finished sizes stay.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compositionOf, reducedFormula } from '../dist/lib/crystal/composition.js';
import { readCrystals } from '../dist/lib/crystal/io/read.js';
import { Rng } from '../dist/lib/random/rng.js';
import { cholesky, solveLower, solveUpper } from '../dist/lib/search/cholesky.js';
import { initBackend } from '../dist/lib/tensor/backend.js';
import { graphNetwork } from '../dist/plugins/surrogates/graph-network/index.js';
import { testContext } from '../dist/plugins/testing/test-context.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    sizes: { type: 'string', default: '1000:40,2000:40,5000:40,10000:40,all:40' },
    seed: { type: 'string', default: '0' },
    with: { type: 'string', default: '{}' },
    out: { type: 'string' },
    work: { type: 'string', default: path.join(os.tmpdir(), 'lcoms-graph-network') },
  },
});
const given = JSON.parse(values.with);
mkdirSync(values.work, { recursive: true });
const { identity, threads } = await initBackend();

const rows = (await readCrystals(values.data)).flatMap((row) => {
  if ('error' in row) return [];
  const { crystal } = row;
  const energy = crystal.formationEnergyPerAtom ?? crystal.energyPerAtom;
  return [{ crystal, energy, formula: reducedFormula(compositionOf(crystal.species)) }];
});
const formulas = Rng.from(values.seed)
  .fork('split')
  .shuffle([...new Set(rows.map((r) => r.formula))].sort());
const tenth = Math.round(0.1 * formulas.length);
const places = new Map(formulas.map((f, i) => [f, i < tenth ? 'test' : i < 2 * tenth ? 'validation' : 'train']));
const split = Object.fromEntries(
  ['train', 'validation', 'test'].map((part) => [part, rows.filter((r) => places.get(r.formula) === part)]),
);
const energies = (part) => Float64Array.from(part, (r) => r.energy);
const errors = (predicted, part) => {
  const off = part.map((r, i) => Math.abs(predicted[i] - r.energy)).sort((a, b) => a - b);
  const mean = off.reduce((a, b) => a + b, 0) / off.length;
  const rmse = Math.sqrt(off.reduce((a, b) => a + b * b, 0) / off.length);
  return { mae: round(mean), median: round(off[Math.floor(off.length / 2)]), rmse: round(rmse) };
};
const round = (x) => Number(x.toFixed(4));

/** Least squares on shares of elements, with a weak ridge for elements that a subset lacks. */
function linear(train) {
  const symbols = [...new Set(rows.flatMap((r) => r.crystal.species))].sort();
  const at = new Map(symbols.map((s, i) => [s, i]));
  const d = symbols.length;
  const shares = ({ species }) => {
    const x = new Float64Array(d);
    for (const s of species) x[at.get(s)] += 1 / species.length;
    return x;
  };
  const mean = train.reduce((sum, r) => sum + r.energy, 0) / train.length;
  const normal = new Float64Array(d * d);
  const right = new Float64Array(d);
  for (let i = 0; i < d; i++) normal[i * d + i] = 1e-2;
  for (const { crystal, energy } of train) {
    const x = shares(crystal);
    const present = [...x.keys()].filter((i) => x[i] > 0);
    for (const i of present) {
      right[i] += x[i] * (energy - mean);
      for (const j of present) normal[i * d + j] += x[i] * x[j];
    }
  }
  const l = cholesky(normal, d);
  const weights = solveUpper(l, d, solveLower(l, d, right));
  return (part) => part.map(({ crystal }) => shares(crystal).reduce((sum, s, i) => sum + s * weights[i], mean));
}

/** Checkpoints in a file that replaces the one before. */
function checkpoints(file) {
  const names = [`${file}.checkpoint.json`, `${file}.checkpoint.bin`];
  let savedAt = performance.now();
  return {
    latest: async () => {
      if (!existsSync(names[0])) return null;
      const { step, info, bytes } = JSON.parse(readFileSync(names[0], 'utf8'));
      return { step, info, load: async () => new Uint8Array(readFileSync(`${names[1]}.${bytes}`)) };
    },
    due: (_, seconds) => performance.now() - savedAt >= 1000 * seconds,
    save: async (step, [blob], info) => {
      savedAt = performance.now();
      const bytes = step % 2;
      writeFileSync(`${names[1]}.${bytes}`, blob.bytes);
      writeFileSync(`${names[0]}.part`, JSON.stringify({ step, info, bytes }));
      renameSync(`${names[0]}.part`, names[0]);
    },
  };
}

async function measure(size, epochs) {
  const options = graphNetwork.options.parse({
    ...given,
    epochs: Number(epochs),
    checkpointSeconds: 30,
    ...(size === 'all' ? {} : { maxCrystals: Number(size) }),
  });
  const name = path.join(values.work, `size-${size}-${epochs}`);
  const file = `${name}.json`;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const started = performance.now();
  const context = testContext({
    seed: values.seed,
    device: { backend: identity, threads },
    checkpoint: checkpoints(name),
    report: (row) => console.error(size, JSON.stringify(row)),
  });
  const surrogate = await graphNetwork.create(options, context);
  const crystals = (part) => part.map((r) => r.crystal);
  const cpu = process.cpuUsage();
  const trained = await surrogate.train({
    train: crystals(split.train),
    validation: crystals(split.validation),
    targets: { train: energies(split.train), validation: energies(split.validation) },
  });
  const spent = process.cpuUsage(cpu);
  writeFileSync(`${name}.safetensors`, trained.blobs[0].bytes);
  const model = await surrogate.load(new Map(trained.blobs.map((b) => [b.name, b.bytes])));
  const train = context.rng.fork('subset').shuffle(split.train.map((_, i) => i));
  const subset = train.slice(0, options.maxCrystals ?? train.length).map((i) => split.train[i]);
  const mean = subset.reduce((sum, r) => sum + r.energy, 0) / subset.length;
  // Elements that a small subset lacks: what the network says of such crystals would be a guess, so it is given the mean.
  const known = split.test.map((r) => r.crystal.species.every((s) => model.elements.has(s)));
  const answers = await model.energies(crystals(split.test.filter((_, i) => known[i])));
  let next = 0;
  const predicted = known.map((is) => (is ? answers[next++] : mean));
  model.dispose();
  const measured = {
    crystals: subset.length,
    epochs: options.epochs,
    keptEpoch: trained.metrics['kept.epoch'],
    trainMae: round(trained.metrics['train.mae']),
    validationMae: round(trained.metrics['kept.validation.mae']),
    network: errors(predicted, split.test),
    linear: errors(linear(subset)(split.test), split.test),
    mean: errors(
      split.test.map(() => mean),
      split.test,
    ),
    unseenElements: known.filter((is) => !is).length,
    parameters: trained.metrics.parameters,
    cpuSeconds: Math.round((spent.user + spent.system) / 1e6),
    wallSeconds: Math.round((performance.now() - started) / 1000),
  };
  writeFileSync(file, JSON.stringify(measured));
  return measured;
}

const result = {
  data: path.basename(values.data),
  crystals: Object.fromEntries(Object.entries(split).map(([part, of]) => [part, of.length])),
  formulas: formulas.length,
  seed: values.seed,
  // Epochs go with sizes.
  options: { ...graphNetwork.options.parse(given), epochs: undefined },
  backend: identity,
  threads,
  curve: [],
};
for (const size of values.sizes.split(',')) {
  result.curve.push(await measure(...size.split(':')));
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (values.out) writeFileSync(values.out, text);
}
console.log(JSON.stringify(result, null, 2));
