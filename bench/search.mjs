// `node bench/search.mjs [--latents N] [--steps N] [--rounds N] [--threads N] [--model MODEL] [--out FILE]`: how long the search
// of the paper takes, and an answer of a trained model from its start to the decoded crystals. See README.md.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({
  options: {
    latents: { type: 'string', default: '100' },
    steps: { type: 'string', default: '50' },
    width: { type: 'string', default: '2048' },
    dimension: { type: 'string', default: '256' },
    structures: { type: 'string', default: '20' },
    draws: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: process.env.LCOMS_THREADS ?? '2' },
    model: { type: 'string', default: 'shipped' },
    out: { type: 'string' },
  },
});
// Read when the backend starts: before anything is imported that may start it.
process.env.LCOMS_THREADS = given.threads;
const { initBackend } = await import('../dist/lib/tensor/backend.js');
const { Rng } = await import('../dist/lib/random/rng.js');
const { latentSpace, rawLatents, standardiseLatents } = await import('../dist/lib/search/latent-space.js');
const { EnergyNetwork } = await import('../dist/plugins/surrogates/mlp/network.js');
const { writeWeights } = await import('../dist/plugins/surrogates/mlp/weights-file.js');
const { loadEnergyModel } = await import('../dist/plugins/surrogates/mlp/model.js');
const { latentGradient } = await import('../dist/plugins/optimizers/latent-gradient/index.js');
const { testContext } = await import('../dist/plugins/testing/test-context.js');
const { knownPolymorphs } = await import('../dist/plugins/datasets/simulated/known-polymorphs.js');
const { BINARY26 } = await import('../dist/plugins/datasets/simulated/binary26.js');
const { askSurrogate } = await import('../dist/activities/steps/ask-surrogate.js');
const { openModel } = await import('../dist/cli/open-model.js');

const rng = Rng.from('bench/search');
const backend = await initBackend();
const rounds = Number(given.rounds);
const steps = Number(given.steps);

/** Descent from all starts together, as the optimize step does it; returns the end points. */
async function descend(model, space, starts) {
  const optimizer = await latentGradient.create(latentGradient.options.parse({ steps }), testContext());
  const search = optimizer.start(space, starts);
  for (let ask = search.ask(); ask !== null; ask = search.ask()) search.tell(await askSurrogate(model, ask));
  return search.result().points;
}

/** Median wall seconds and the processor seconds that went with them, after one round to warm up. */
async function timed(work) {
  await work();
  const all = [];
  for (let r = 0; r < rounds; r++) {
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    all.push({ seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 });
  }
  return all.sort((a, b) => a.seconds - b.seconds)[rounds >> 1];
}

async function searchAlone() {
  const [n, d, width] = [Number(given.latents), Number(given.dimension), Number(given.width)];
  const normal = (count) => Float32Array.from({ length: count }, () => rng.normal());
  // Random weights take as long as trained ones.
  const network = new EnergyNetwork({ dimension: d, width, depth: 2, slope: 0.3 }, rng.fork('weights'));
  const scale = {
    latentMean: new Float32Array(d),
    latentStd: new Float32Array(d).fill(1),
    energyMean: 0,
    energyStd: 1,
  };
  const { name, bytes } = writeWeights(network.parameters.save(), network.shape, scale);
  network.dispose();
  const model = loadEnergyModel(new Map([[name, bytes]]));
  const space = latentSpace(normal(1000 * d), scale);
  const starts = normal(n * d);
  const time = await timed(() => descend(model, space, starts));
  model.dispose();
  return { latents: n, steps, dimension: d, hidden: [width, width], ...time, target: 5 };
}

/** Known crystals of the 26 compounds: what encodes and decodes does not mind whether they were random before. */
async function crystals() {
  const all = [];
  for (const formula of Object.keys(BINARY26)) all.push(...(await knownPolymorphs(formula)));
  return all.map(({ crystal }) => crystal).slice(0, Number(given.structures));
}

async function answers() {
  const model = await openModel(given.model, { seed: 0 });
  const starts = await crystals();
  const draws = Number(given.draws);
  const space = latentSpace(model.reference, model.surrogate.scale);
  const d = model.encoder.dimension;
  const raw = await model.encoder.encode(starts);
  const ends = await descend(model.surrogate, space, standardiseLatents(raw, model.surrogate.scale));
  const repeat = (rows) =>
    Float32Array.from({ length: rows.length * draws }, (_, at) => {
      const row = Math.floor(at / d / draws);
      return rows[row * d + (at % d)];
    });
  const species = starts.flatMap((start) => Array.from({ length: draws }, () => start.species));
  const latents = repeat(rawLatents(ends, model.surrogate.scale));
  const stages = {
    encode: () => model.encoder.encode(starts),
    optimize: () => descend(model.surrogate, space, standardiseLatents(raw, model.surrogate.scale)),
    decode: () => model.encoder.decode(latents, species),
  };
  const perStructure = {};
  const total = { seconds: 0, cpuSeconds: 0 };
  for (const [stage, work] of Object.entries(stages)) {
    const { seconds, cpuSeconds } = await timed(work);
    perStructure[stage] = { seconds: seconds / starts.length, cpuSeconds: cpuSeconds / starts.length };
    total.seconds += seconds / starts.length;
    total.cpuSeconds += cpuSeconds / starts.length;
  }
  // One structure alone, as when somebody waits for it: calls are no longer shared.
  const first = starts.slice(0, 1);
  const alone = await timed(async () => {
    const one = await model.encoder.encode(first);
    const end = await descend(model.surrogate, space, standardiseLatents(one, model.surrogate.scale));
    await model.encoder.decode(repeat(rawLatents(end, model.surrogate.scale)), species.slice(0, draws));
  });
  model.dispose();
  return {
    model: model.info.name,
    structures: starts.length,
    draws,
    perStructure: { ...perStructure, total },
    alone,
    target: 2,
  };
}

const result = {
  benchmark: 'search',
  backend: backend.identity,
  threads: Number(given.threads),
  rounds,
  search: await searchAlone(),
  answer: await answers(),
  machine: { cpu: os.cpus()[0].model, cores: os.cpus().length, load: os.loadavg()[0] },
  node: process.version,
};
const seconds = (x) => `${x.toFixed(3)} s`;
const { search, answer } = result;
console.log(
  `${result.backend}, ${given.threads} threads, load ${result.machine.load.toFixed(1)}; medians of ${rounds} rounds`,
);
console.log(
  `search: ${search.latents} latents x ${search.steps} steps on 2 x ${given.width}: ${seconds(search.seconds)}, ` +
    `processor ${seconds(search.cpuSeconds)} (target ${search.target} s)`,
);
console.log(
  `answer, a structure (${answer.structures} together, ${answer.draws} draws of each, model ${answer.model}):`,
);
for (const [stage, time] of Object.entries(answer.perStructure))
  console.log(`  ${stage.padEnd(9)} ${seconds(time.seconds)}, processor ${seconds(time.cpuSeconds)}`);
console.log(
  `  one structure alone ${seconds(answer.alone.seconds)}, processor ${seconds(answer.alone.cpuSeconds)} (target ${answer.target} s)`,
);
if (given.out) writeFileSync(given.out, `${JSON.stringify(result, null, 2)}\n`);
