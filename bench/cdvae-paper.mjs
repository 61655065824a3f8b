// encoder/cdvae with preset paper against PyTorch: node bench/cdvae-paper.mjs --python PYTHON [--data FILE] ...
// The same model from the same weights on the same batches, in turns on the same machine; losses must agree before the clock
// starts. PyTorch gets its graphs, triplets and bases ready-made; our times have all of that in them. On a machine that does
// other work too, processor seconds say more than the wall clock: both are printed.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const { values: given } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    data: { type: 'string', default: path.join(root, 'plugins/datasets/simulated/ax-minima.jsonl.gz') },
    size: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '5' },
    calls: { type: 'string', default: '50' },
    atoms: { type: 'string', default: '256' },
    maxAtoms: { type: 'string', default: '20' },
    leak: { type: 'string', default: '500' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: path.join(root, 'bench/results/cdvae-paper.json') },
  },
});
const [size, rounds, calls, threads] = ['size', 'rounds', 'calls', 'threads'].map((key) => Number(given[key]));
process.env.LCOMS_THREADS = given.threads;

const { initBackend } = await import('../dist/lib/tensor/backend.js');
const { tf } = await import('../dist/lib/tensor/tf.js');
const { NodeSide } = await import('./cdvae-paper-node.mjs');
const info = await initBackend();

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (x, digits = 3) => Number(x.toPrecision(digits));
const megabytes = () => Math.round(process.resourceUsage().maxRSS / 1024);
const say = (text) => console.error(text);

const BATCHES = 2;
const GRAPHS = 5;
const side = await NodeSide.load(given.data, {
  count: BATCHES * size,
  maxAtoms: Number(given.maxAtoms),
  microBatchAtoms: Number(given.atoms),
  seed: given.seed,
});
const folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-bench-'));
const names = await side.write(folder, { size, batches: BATCHES, graphs: GRAPHS });

const script = path.join(root, 'bench/python/cdvae_paper.py');
// Threads that wait without spinning: PyTorch's are slowed down many times over where anything else runs.
const env = { ...process.env, OMP_WAIT_POLICY: 'passive' };
const child = spawn(given.python, [script, folder, given.threads], { env, stdio: ['pipe', 'pipe', 'inherit'] });
const replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
async function reply() {
  const { value, done } = await replies.next();
  if (done) throw new Error(`${given.python} ended early; see bench/python/cdvae_paper.py for what it needs`);
  return JSON.parse(value);
}
async function ask(request) {
  child.stdin.write(`${JSON.stringify(request)}\n`);
  return reply();
}
const peer = await reply();

// The same model?
const terms = side.loss(0, size);
const theirs = await ask({ do: 'loss', batch: names.whole[0][0] });
const gap = Math.max(...theirs.loss.map((x, k) => Math.abs(x / terms[k] - 1)));
if (!(gap < 1e-4) || theirs.parameters !== side.parameters.size)
  throw new Error(
    `not the same model: losses ${terms} and ${theirs.loss}, parameters ${side.parameters.size}, ${theirs.parameters}`,
  );
say(`losses agree to ${gap.toExponential(1)}`);

// Which way serves the peer best: whole batches, or our micro-batches?
const turn = async (batches) => ask({ do: 'train', batches, bases: 'ready' });
side.step(0, size);
const ways = { 'whole batches': names.whole, 'micro-batches': names.train };
const first = {};
for (const [way, batches] of Object.entries(ways)) first[way] = (await turn([batches[0]])).cpu[0];
const way = Object.entries(first).sort((a, b) => a[1] - b[1])[0][0];
say(`PyTorch takes ${way}: ${JSON.stringify(first)} processor seconds`);

const ours = { train: [], decode: [] };
const other = { train: [], each: [], decode: [] };
let peakOther = 0;
for (let k = 0; k < rounds; k++) {
  ours.train.push(side.step(k, size));
  const train = await turn([ways[way][k % BATCHES]]);
  other.train.push({ seconds: train.seconds[0], cpu: train.cpu[0] });
  const graphs = Math.max(1, Math.round(calls / rounds));
  const decode = Array.from({ length: graphs }, (_, g) => names.decode[g % GRAPHS]);
  const mine = await side.decode(size, graphs);
  const its = await ask({ do: 'decode', batches: decode, bases: 'ready' });
  ours.decode.push({ seconds: mine.seconds / graphs, cpu: mine.cpu / graphs });
  other.decode.push({ seconds: its.seconds / graphs, cpu: its.cpu / graphs });
  peakOther = Math.max(peakOther, its.peakMb);
  say(
    `round ${k + 1}: ${JSON.stringify([ours.train[k].cpu, other.train[k].cpu, ours.decode[k].cpu, other.decode[k].cpu])}`,
  );
}
const each = await ask({ do: 'train', batches: [ways[way][0]], bases: 'each' });
child.stdin.end();
const peakOurs = megabytes();

const phases = Object.fromEntries(
  ['graph', 'forward', 'backward', 'optimizer'].map((p) => {
    const share = ours.train.map(({ ms }) => ms[p] / Object.values(ms).reduce((a, b) => a + b, 0));
    return [p, round(median(share), 2)];
  }),
);
const graphMs = side.decodeGraphMs(size, 5);

// Tensors that stay, over many small steps.
const steps = Number(given.leak);
const tensors = {};
for (let k = 0; k <= steps; k++) {
  if (k === 1 || k === steps) tensors[k] = tf.memory().numTensors;
  if (k < steps) side.step(k, 1);
}

const per = (list, key) => size / median(list.map((x) => x[key]));
const row = (what, a, b) => ({
  what,
  'node/s': round(per(a, 'seconds')),
  'torch/s': round(per(b, 'seconds')),
  ratio: round(per(a, 'seconds') / per(b, 'seconds')),
  'node/cpu s': round(per(a, 'cpu')),
  'torch/cpu s': round(per(b, 'cpu')),
  'cpu ratio': round(per(a, 'cpu') / per(b, 'cpu')),
});
const result = {
  what: 'crystals a second; decoding: crystals times network calls a second',
  rows: [row('training', ours.train, other.train), row('decoding', ours.decode, other.decode)],
  peerWithBasesInTheStep: { seconds: each.seconds[0], cpuSeconds: each.cpu[0] },
  ourPhases: phases,
  decodingGraphMs: round(graphMs),
  decodingCallMs: round(1000 * median(ours.decode.map((x) => x.seconds))),
  peer: { way, ...peer.versions },
  tensors,
  peakMb: { node: peakOurs, torch: Math.round(peakOther) },
  lossGap: gap,
  size,
  atoms: side.batch(0, size).reduce((sum, { crystal }) => sum + crystal.n, 0),
  microBatchAtoms: Number(given.atoms),
  rounds,
  calls,
  threads,
  seed: given.seed,
  data: path.basename(given.data),
  backend: info.identity,
  node: process.version,
  cpu: { model: os.cpus()[0].model, cores: os.availableParallelism(), load: os.loadavg().map((x) => round(x)) },
};
console.table(result.rows);
console.log(JSON.stringify({ ...result, rows: undefined }, null, 2));
await mkdir(path.dirname(given.out), { recursive: true });
await writeFile(given.out, `${JSON.stringify(result, null, 2)}\n`);
await rm(folder, { recursive: true });
process.exit(0);
