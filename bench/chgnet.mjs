// `node bench/chgnet.mjs [--cells N] [--rounds N] [--shipped] [--python PATH] [--out FILE]`: energy, forces and stress of the same
// cells by scorer/chgnet and by CHGNet in PyTorch, by turns in one run. See README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { pythonPath } from './python/setup.mjs';

const { values: given } = parseArgs({
  options: {
    cells: { type: 'string', default: '52' },
    rounds: { type: 'string', default: '5' },
    python: { type: 'string' },
    shipped: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const MODEL = 'r2scan';
/** Cells that PyTorch takes together, its own default, and ours at a time (each is evaluated alone all the same). */
const TOGETHER = 16;
/** Largest differences between the two sides, or the comparison is refused: eV/atom, eV/A, GPa. */
const AGREEMENT = { e: 1e-4, f: 1e-3, s: 5e-2 };

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const fixture = JSON.parse(gunzipSync(readFileSync(here('../test/fixtures/scoring/chgnet-cases.json.gz'))));
// The fixture goes through the same structure types for every compound: a stride prime to their number takes all of them.
const STRIDE = 37;
const count = Math.min(Number(given.cells), fixture.length);
const cells = Array.from({ length: count }, (_, i) => fixture[(i * STRIDE) % fixture.length]);
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-bench-'));
const file = path.join(folder, 'cells.json');
writeFileSync(file, JSON.stringify(cells));

/** A side as a function from a request to the promise of its answer. */
async function side(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ended early`);
    return JSON.parse(value);
  };
  const about = await next();
  const ask = async (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return await next();
  };
  return { ...about, ask, end: () => child.stdin.end() };
}

const python = given.python ?? (await pythonPath(new URL('../infra/models/requirements.txt', import.meta.url)));
const torch = here('python/chgnet_torch.py');
const single = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
const node = await side(process.execPath, [here('chgnet-node.mjs'), file, MODEL]);
const one = await side(python, [torch, file, MODEL, '1'], single);
const shipped = given.shipped ? await side(python, [torch, file, MODEL, '0']) : null;

const [ours, theirs] = await Promise.all([
  node.ask({ do: 'evaluate', together: TOGETHER, values: true }),
  one.ask({ do: 'evaluate', together: 1, values: true }),
]);
const difference = { e: 0, f: 0, s: 0 };
ours.values.forEach((a, i) => {
  const b = theirs.values[i];
  for (const key of ['e', 'f', 's']) {
    const [x, y] = [[a[key]].flat(), [b[key]].flat(2)];
    x.forEach((value, k) => (difference[key] = Math.max(difference[key], Math.abs(value - y[k]))));
  }
});
for (const [key, limit] of Object.entries(AGREEMENT)) {
  if (!(difference[key] < limit)) throw new Error(`the two sides differ by ${difference[key]} in ${key}`);
}

/** What is timed: name -> who, and the request. */
const TIMED = {
  lcoms: [node, { do: 'evaluate', together: TOGETHER }],
  'lcoms, graphs only': [node, { do: 'graphs' }],
  'PyTorch, 1 thread, one by one': [one, { do: 'evaluate', together: 1 }],
  [`PyTorch, 1 thread, ${TOGETHER} together`]: [one, { do: 'evaluate', together: TOGETHER }],
  'PyTorch, graphs only': [one, { do: 'graphs' }],
};
// Threads that wait for each other spin: beside other work a round with them costs minutes.
if (shipped !== null) {
  TIMED['PyTorch, as shipped, one by one'] = [shipped, { do: 'evaluate', together: 1 }];
  TIMED[`PyTorch, as shipped, ${TOGETHER} together`] = [shipped, { do: 'evaluate', together: TOGETHER }];
}
const times = Object.fromEntries(Object.keys(TIMED).map((name) => [name, []]));
for (let round = 0; round <= Number(given.rounds); round++) {
  for (const [name, [who, request]] of Object.entries(TIMED)) {
    const { cpu, seconds } = await who.ask(request);
    // The first round warms up.
    if (round > 0) times[name].push({ cpu, seconds });
  }
  process.stderr.write(`round ${round} of ${given.rounds}\n`);
}
for (const each of [node, one, shipped]) each?.end();
rmSync(folder, { recursive: true });

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const rows = Object.entries(times).map(([name, taken]) => {
  const cpu = median(taken.map((t) => t.cpu));
  // In each round by turns: what else the machine does falls on both.
  const ratio = median(taken.map((t, i) => t.cpu / times.lcoms[i].cpu));
  return {
    name,
    cpuMsPerCell: (1e3 * cpu) / cells.length,
    cellsPerCpuSecond: cells.length / cpu,
    wallMsPerCell: (1e3 * median(taken.map((t) => t.seconds))) / cells.length,
    cpuOverLcoms: ratio,
  };
});
const atoms = cells.map(({ Z }) => Z.length);
const result = {
  model: MODEL,
  cells: { count: cells.length, atoms: { min: Math.min(...atoms), median: median(atoms), max: Math.max(...atoms) } },
  rounds: Number(given.rounds),
  difference: { eVPerAtom: difference.e, eVPerA: difference.f, GPa: difference.s },
  rows,
  graphShare: rows[1].cpuOverLcoms,
  versions: { ...node.versions, runtime: node.runtime, ...one.versions },
  threads: { lcoms: node.threads, PyTorch: one.threads, ...(shipped ? { 'PyTorch as shipped': shipped.threads } : {}) },
  machine: { cpu: os.cpus()[0].model, cores: os.cpus().length, load: os.loadavg()[0] },
};
for (const { name, cpuMsPerCell, cellsPerCpuSecond, cpuOverLcoms } of rows) {
  const figures = [cpuMsPerCell.toFixed(2), cellsPerCpuSecond.toFixed(1), cpuOverLcoms.toFixed(2)];
  console.log(`${name.padEnd(36)}${figures.map((x) => x.padStart(10)).join('')}`);
}
console.log(`${''.padEnd(36)}  CPU ms/cell  cells/CPU s  CPU over lcoms`);
console.log(`graph building: ${(100 * result.graphShare).toFixed(1)} % of an evaluation by lcoms`);
if (given.out) writeFileSync(given.out, `${JSON.stringify(result, null, 2)}\n`);
