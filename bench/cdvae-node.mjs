// One side of the benchmark: this package. Reads requests, a line each, and answers each with a line of JSON.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Rng } from '../dist/lib/random/rng.js';
import { Adam } from '../dist/lib/tensor/adam.js';
import { initBackend } from '../dist/lib/tensor/backend.js';
import { Parameters } from '../dist/lib/tensor/parameters.js';
import { writeSafetensors } from '../dist/lib/tensor/safetensors.js';
import { tf } from '../dist/lib/tensor/tf.js';
import { guardedStep } from '../dist/plugins/encoders/cdvae/guarded-step.js';
import { fitLatticeScale } from '../dist/plugins/encoders/cdvae/lattice-target.js';
import { LOSS_TERMS, lossTerms } from '../dist/plugins/encoders/cdvae/loss.js';
import { CdvaeNetworks } from '../dist/plugins/encoders/cdvae/networks.js';
import { cdvaeOptionsSchema } from '../dist/plugins/encoders/cdvae/options.js';
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

/** Weights, batches and losses at these weights for the other side. */
function write() {
  const tensors = { ...parameters.save() };
  for (const [name, value] of Object.entries(tensors)) tensors[`weight:${name}`] = value;
  for (const name of parameters.names()) delete tensors[name];
  const losses = batches.map((batch, at) =>
    tf.tidy(() => {
      const inputs = inputsOf(batch, `fixed/${at}`);
      const { clean, noisy, ...rest } = inputs;
      const parts = { ...rest, atoms: clean.atoms, lattice: clean.lattice };
      Object.assign(parts, { clean: clean.geometry.scalars, noisy: noisy.geometry.scalars });
      for (const [name, tensor] of Object.entries(parts))
        tensors[`${at}:${name}`] = { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) };
      return termsOf(inputs);
    }),
  );
  writeFileSync(file, writeSafetensors(tensors, { options: JSON.stringify(options), batches: String(batches.length) }));
  return {
    losses,
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

/** Calls of the score network as sampling makes them, on `share` crystals of each size; milliseconds of all. */
function decode(round, share, calls) {
  const parts = { graph: 0, network: 0 };
  const cpu = process.cpuUsage();
  for (const [at, batch] of batches.entries())
    for (let call = 0; call < calls; call++)
      tf.tidy(() => {
        const start = performance.now();
        const { noisy, deviates, noise } = inputsOf(batch.slice(0, share), `decode/${round}/${at}/${call}`);
        const middle = performance.now();
        networks.decoder.apply(noisy, deviates, noise).dataSync();
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
