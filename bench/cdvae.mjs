// `npm run bench -- [--data FILE] [--preset small|medium] [--rounds N] [--python PATH] [--peer-device cpu|cuda] [--seed S] [--out FILE]`: training
// and decoding of encoder/cdvae's light networks against the same networks in PyTorch, by turns in one run. See README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { PRESET_SETTINGS } from '../dist/plugins/encoders/cdvae/preset-settings.js';
import { pythonPath } from './python/setup.mjs';

const { values: given } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    preset: { type: 'string', default: 'small' },
    rounds: { type: 'string', default: '7' },
    python: { type: 'string' },
    'peer-device': { type: 'string', default: 'cpu' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string', default: process.env.LCOMS_THREADS ?? '2' },
    out: { type: 'string' },
  },
});
/** Options of the light network that differ from the defaults. */
const PRESETS = { small: PRESET_SETTINGS.small.settings.vector, medium: PRESET_SETTINGS.medium.settings.vector };
const BATCH = 64;
const CALLS = 10;
/** Losses at equal weights may differ by this share before the comparison is refused. */
const AGREEMENT = 1e-4;

const sizes = PRESETS[given.preset];
if (sizes === undefined) throw new Error(`--preset ${given.preset}: there are ${Object.keys(PRESETS).join(', ')}`);
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-bench-'));
const file = path.join(folder, 'batches.safetensors');
const here = (name) => new URL(name, import.meta.url).pathname;
const threads = { LCOMS_THREADS: given.threads, OMP_NUM_THREADS: given.threads, MKL_NUM_THREADS: given.threads };

/** A side as a function from a request to the promise of its answer. */
function side(command, args) {
  const child = spawn(command, args, { env: { ...process.env, ...threads }, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (...request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ended early`);
    return JSON.parse(value);
  };
  return { ask, end: () => child.stdin.end() };
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

const node = side(process.execPath, [
  here('cdvae-node.mjs'),
  file,
  given.data,
  given.seed,
  String(BATCH),
  JSON.stringify(sizes),
]);
const written = await node.ask('write');
const python = side(given.python ?? (await pythonPath()), [
  here('python/cdvae.py'),
  file,
  given.threads,
  given['peer-device'],
]);
const checked = await python.ask('losses');
if (checked.parameters !== written.parameters)
  throw new Error(`the networks differ: ${written.parameters} parameters and ${checked.parameters} in PyTorch`);
const differences = written.losses.flatMap((terms, b) =>
  terms.map((x, k) => Math.abs(x - checked.losses[b][k]) / Math.max(1e-3, Math.abs(x))),
);
const difference = Math.max(...differences);
if (!(difference < AGREEMENT)) throw new Error(`losses at equal weights differ by ${difference} of their size`);

const share = Math.max(1, Math.floor(BATCH / written.atoms.length));
const rounds = { node: [], python: [] };
const progress = (text) => process.stderr.write(`${text}\n`);
for (let round = 0; round <= Number(given.rounds); round++) {
  for (const [name, { ask }] of Object.entries({ node, python })) {
    const train = await ask('train', `round/${round}`);
    const decode = await ask('decode', CALLS);
    progress(`round ${round}: ${name}`);
    // The first round warms up.
    if (round > 0) rounds[name].push({ train, decode });
  }
}
const tensors = await node.ask('tensors');
node.end();
python.end();
rmSync(folder, { recursive: true });

const batches = written.atoms.length;
/** Milliseconds of one pass over the batches: medians of each batch over the rounds. */
const pass = (name, part) =>
  written.atoms.reduce((sum, _, b) => sum + median(rounds[name].map(({ train }) => train[b][part] ?? 0)), 0);
const decoding = (name, part) => median(rounds[name].map(({ decode }) => decode[part] ?? 0));
const parts = (name) => ({
  graph: pass(name, 'graph'),
  forward: pass(name, 'forward'),
  backward: pass(name, 'network') - pass(name, 'forward') - pass(name, 'optimizer'),
  optimizer: pass(name, 'optimizer'),
  network: pass(name, 'network'),
  cpu: pass(name, 'cpu'),
});
const trained = BATCH * batches;
const calls = share * batches * CALLS;
const summary = (name) => {
  const training = parts(name);
  const call = { graph: decoding(name, 'graph'), network: decoding(name, 'network'), cpu: decoding(name, 'cpu') };
  return {
    trainingCrystalsPerSecond: (1000 * trained) / (training.graph + training.network),
    trainingWithoutGraph: (1000 * trained) / training.network,
    decodingCallsPerSecond: (1000 * calls) / call.network,
    ...(name === 'python' ? { decodingBySize: (1000 * calls) / decoding(name, 'bySize') } : {}),
    decodingCallsWithGraph: (1000 * calls) / (call.network + call.graph),
    trainingMs: training,
    decodingMs: call,
  };
};
const result = {
  benchmark: 'encoder/cdvae light networks',
  preset: given.preset,
  parameters: written.parameters,
  data: given.data === '' ? 'simulated' : path.basename(given.data),
  atoms: written.atoms,
  batch: BATCH,
  calls: written.calls,
  rounds: Number(given.rounds),
  seed: given.seed,
  lossesDifferBy: difference,
  machine: {
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model,
    load: os.loadavg()[0],
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
  },
  versions: { ...written.versions, ...checked.versions },
  threads: Number(given.threads),
  tensors,
  node: summary('node'),
  python: summary('python'),
};
const { node: ours, python: theirs } = result;
result.ratios = {
  training: ours.trainingCrystalsPerSecond / theirs.trainingWithoutGraph,
  trainingWithoutGraph: ours.trainingWithoutGraph / theirs.trainingWithoutGraph,
  // Against the faster of its two ways.
  decoding: ours.decodingCallsPerSecond / Math.max(theirs.decodingCallsPerSecond, theirs.decodingBySize),
  decodingWithGraph: ours.decodingCallsWithGraph / Math.max(theirs.decodingCallsPerSecond, theirs.decodingBySize),
  trainingCpu: theirs.trainingMs.cpu / ours.trainingMs.cpu,
};
if (given.out) writeFileSync(given.out, `${JSON.stringify(result, null, 2)}\n`);

const row = (label, a, b, digits = 0) =>
  `${label.padEnd(42)}${a.toFixed(digits).padStart(10)}${b.toFixed(digits).padStart(10)}${(a / b).toFixed(2).padStart(8)}`;
const ms = (label, part) =>
  `${label.padEnd(42)}${(ours.trainingMs[part] / batches).toFixed(1).padStart(10)}${(theirs.trainingMs[part] / batches).toFixed(1).padStart(10)}`;
console.log(
  [
    `${given.preset}: ${written.parameters} parameters; batches of ${BATCH} crystals of ${written.atoms.join(', ')} atoms (${result.data})`,
    `${result.versions.node}, ${result.versions.backend}; Python ${result.versions.python}, torch ${result.versions.torch}`,
    `${given.threads} threads of ${result.machine.cores} cores (${result.machine.cpu}), load ${result.machine.load.toFixed(1)}; seed ${given.seed}; medians of ${given.rounds} rounds`,
    `losses at equal weights agree to ${difference.toExponential(1)} of their size`,
    '',
    `${''.padEnd(42)}${'lcoms'.padStart(10)}${'PyTorch'.padStart(10)}${'ratio'.padStart(8)}`,
    row('training, crystals/s, batches ready', ours.trainingWithoutGraph, theirs.trainingWithoutGraph),
    row('training, crystals/s, with our graphs', ours.trainingCrystalsPerSecond, theirs.trainingWithoutGraph),
    row('decoding, crystal calls/s, graphs ready', ours.decodingCallsPerSecond, theirs.decodingCallsPerSecond),
    row('decoding, PyTorch with a call a size', ours.decodingCallsPerSecond, theirs.decodingBySize),
    row('decoding, crystal calls/s, with our graphs', ours.decodingCallsWithGraph, theirs.decodingCallsPerSecond),
    'milliseconds of a training step:',
    ms('  graph building', 'graph'),
    ms('  forward', 'forward'),
    ms('  backward, clip, checks', 'backward'),
    ms('  optimizer', 'optimizer'),
    ms('  processor time, all', 'cpu'),
    `graph building: ${((100 * ours.trainingMs.graph) / (ours.trainingMs.graph + ours.trainingMs.network)).toFixed(1)} % of a step`,
    `tensors after 100 and 600 steps: ${tensors[100]}, ${tensors[600]}`,
  ].join('\n'),
);
