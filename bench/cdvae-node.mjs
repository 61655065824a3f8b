// One side of the benchmark: this package. Reads requests, a line each, and answers each with a line of JSON.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Rng } from '../dist/lib/random/rng.js';
import { Adam } from '../dist/lib/tensor/adam.js';
import { initBackend } from '../dist/lib/tensor/backend.js';
import { guardedStep } from '../dist/lib/tensor/guarded-step.js';
import { Parameters } from '../dist/lib/tensor/parameters.js';
import { writeSafetensors } from '../dist/lib/tensor/safetensors.js';
import { tf } from '../dist/lib/tensor/tf.js';
import { stillPart } from '../dist/plugins/encoders/cdvae/crystal-batch.js';
import { pairLength, sumPairBasis } from '../dist/plugins/encoders/cdvae/graph.js';
import { fitLatticeScale } from '../dist/plugins/encoders/cdvae/lattice-target.js';
import { LOSS_TERMS, lossTerms } from '../dist/plugins/encoders/cdvae/loss.js';
import { messageMatrices } from '../dist/plugins/encoders/cdvae/messages.js';
import { CdvaeNetworks } from '../dist/plugins/encoders/cdvae/networks.js';
import { cdvaeOptionsSchema } from '../dist/plugins/encoders/cdvae/options.js';
import { samplingBatches } from '../dist/plugins/encoders/cdvae/sampling-batches.js';
import { lossInputs } from '../dist/plugins/encoders/cdvae/training-batches.js';
import { batchesOf } from './cdvae-batches.mjs';

const [file, data, seed, size, sizes] = process.argv.slice(2);
const info = await initBackend();
const options = cdvaeOptionsSchema.parse(JSON.parse(sizes));
const rng = Rng.from(seed);
const batches = await batchesOf(data === '' ? null : data, options, Number(size), rng.fork('data'));
const scale = fitLatticeScale(batches.flat().map((row) => row.crystal.target));
const parameters = new Parameters(rng.fork('weights'));
const networks = new CdvaeNetworks(parameters, options);
const adam = new Adam(parameters, { learningRate: 1e-3, clip: options.gradientClip });
const inputsOf = (batch, label) => lossInputs(batch, options, scale, rng.fork(label));
const termsOf = (inputs) => {
  const all = lossTerms(networks, inputs, options);
  return Array.from(tf.stack(LOSS_TERMS.map((name) => all[name])).dataSync());
};

/** `share` crystals of each size as sampling batches them: cells, positions and what else the score network takes. */
function callsOf(share) {
  const crystals = batches.flatMap((batch) => batch.slice(0, share).map((row) => row.crystal));
  return samplingBatches(crystals.map(({ n }) => n)).map((rows, at) => {
    const cells = rows.map((row) => crystals[row]);
    const n = Math.max(...cells.map((cell) => cell.n));
    const draw = rng.fork(`calls/${at}`);
    const frac = cells.map((cell) => Float64Array.from({ length: 3 * cell.n }, () => draw.uniform()));
    const room = n * n * pairLength(options.radialFunctions);
    const latents = new Float32Array(cells.length * options.latentDimension);
    draw.fillNormal(latents);
    const inputs = {
      ...stillPart(cells, scale),
      latents: tf.tensor2d(latents, [cells.length, options.latentDimension]),
    };
    return {
      cells,
      n,
      frac,
      room,
      pairs: new Float32Array(cells.length * room),
      ...inputs,
      noise: tf.fill([cells.length, 1], 0.3),
    };
  });
}
const SHARE = Math.max(1, Math.floor(Number(size) / batches.length));
const calls = callsOf(SHARE);

const graphOf = ({ cells, n, frac, room, pairs }) =>
  cells.forEach((cell, c) => {
    sumPairBasis(cell.cell, frac[c], options.radialFunctions, pairs, c * room, n);
  });
const geometryOf = ({ cells, n, pairs }) => messageMatrices(pairs, cells.length, n, options.radialFunctions);

/** Weights, batches and losses at these weights for the other side. */
function write() {
  const tensors = { ...parameters.save() };
  for (const [name, value] of Object.entries(tensors)) tensors[`weight:${name}`] = value;
  for (const name of parameters.names()) delete tensors[name];
  const losses = batches.map((batch, at) =>
    tf.tidy(() => {
      const inputs = inputsOf(batch, `fixed/${at}`);
      const { clean, noisy, denoising: _, ...rest } = inputs;
      const parts = { ...rest, atoms: clean.atoms, lattice: clean.lattice };
      Object.assign(parts, { clean: clean.geometry.scalars, noisy: noisy.geometry.scalars });
      for (const [name, tensor] of Object.entries(parts))
        tensors[`${at}:${name}`] = { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) };
      return termsOf(inputs);
    }),
  );
  const scores = calls.map((call, at) =>
    tf.tidy(() => {
      graphOf(call);
      const geometry = geometryOf(call);
      const parts = { noisy: geometry.scalars, atoms: call.atoms, lattice: call.lattice, deviates: call.latents };
      for (const [name, tensor] of Object.entries({ ...parts, noise: call.noise }))
        tensors[`call${at}:${name}`] = { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) };
      const { score } = networks.decoder.apply({ geometry, ...call }, call.latents, call.noise);
      return tf.mean(tf.square(score)).dataSync()[0];
    }),
  );
  const counts = { batches: String(batches.length), calls: String(calls.length) };
  writeFileSync(file, writeSafetensors(tensors, { options: JSON.stringify(options), ...counts }));
  return {
    losses: [...losses, scores],
    calls: calls.map(({ cells, n }) => ({ crystals: cells.length, atoms: n })),
    parameters: parameters.size,
    atoms: batches.map((batch) => batch[0].crystal.n),
    versions: { node: process.version, backend: info.identity, threads: info.threads },
  };
}

const timed = (sums, key, run) => {
  const start = performance.now();
  const result = run();
  sums[key] = (sums[key] ?? 0) + performance.now() - start;
  return result;
};

/** One training step a batch; milliseconds by part, a batch. */
function train(round) {
  return batches.map((batch, at) => {
    const parts = {};
    const cpu = process.cpuUsage();
    tf.tidy(() => {
      const inputs = timed(parts, 'graph', () => inputsOf(batch, `${round}/${at}`));
      timed(parts, 'network', () =>
        guardedStep(parameters, { step: (g) => timed(parts, 'optimizer', () => adam.step(g)) }, () =>
          timed(parts, 'forward', () => {
            const terms = lossTerms(networks, inputs, options);
            terms.total.dataSync();
            return terms.total;
          }),
        ),
      );
    });
    const used = process.cpuUsage(cpu);
    return { ...parts, cpu: (used.user + used.system) / 1000 };
  });
}

/** Calls of the score network as sampling makes them; milliseconds of all. */
function decode(times) {
  const parts = { graph: 0, network: 0 };
  const cpu = process.cpuUsage();
  for (const call of calls)
    for (let time = 0; time < times; time++)
      tf.tidy(() => {
        const start = performance.now();
        graphOf(call);
        const middle = performance.now();
        networks.decoder.apply({ geometry: geometryOf(call), ...call }, call.latents, call.noise).score.dataSync();
        parts.graph += middle - start;
        parts.network += performance.now() - middle;
      });
  const used = process.cpuUsage(cpu);
  return { ...parts, cpu: (used.user + used.system) / 1000 };
}

/** Tensors after 100 and after 600 steps on a few crystals of each size. */
function tensors() {
  const counts = {};
  for (let step = 1; step <= 600; step++) {
    const batch = batches[step % batches.length].slice(0, 4);
    tf.tidy(() => {
      const inputs = inputsOf(batch, `tensors/${step}`);
      guardedStep(parameters, adam, () => lossTerms(networks, inputs, options).total);
    });
    if (step === 100 || step === 600) counts[step] = tf.memory().numTensors;
  }
  return counts;
}

const REQUESTS = { write, train, decode, tensors };
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  console.log(JSON.stringify(REQUESTS[name](...args)));
}
process.exit(0);
