// Trivial trials and nodes per second of a sweep, with the embedded server; and how long a sweep that is all in the store
// takes to plan and to confirm: node bench/sweep.mjs [TRIALS] [--nodes N] [--json FILE] (after npm run build). 200 trials of
// four nodes unless given; `2000 --nodes 1` shows that the workflow continues as new.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { watchProcessorTime } from './processor-time.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  options: { nodes: { type: 'string', default: '4' }, json: { type: 'string' } },
  allowPositionals: true,
});
const trials = Number(positionals[0] ?? 200);
const NODES = Number(values.nodes);
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-bench-sweep-'));

/** A node reads some crystals and writes them: what is measured is everything around that. */
function writeSpecs() {
  const rows = readFileSync(path.join(root, 'test/fixtures/specs/tiny.jsonl'), 'utf8').trim().split('\n');
  writeFileSync(path.join(folder, 'few.jsonl'), `${rows.filter((_, i) => i % 8 === 0).join('\n')}\n`);
  const pipeline = Array.from({ length: NODES }, (_, i) => ({ id: `data-${i}`, step: 'prepare-data' }));
  const base = {
    apiVersion: 1,
    name: 'trivial',
    compounds: ['MgO'],
    holdOut: true,
    data: { use: 'dataset/jsonl', with: { file: 'few.jsonl' } },
    pipeline,
  };
  const axes = [{ path: 'seed', range: [0, trials - 1], integer: true }];
  const sweep = { apiVersion: 1, kind: 'sweep', name: 'trivial', base, axes, concurrency: 16 };
  writeFileSync(path.join(folder, 'sweep.json'), JSON.stringify(sweep));
}

async function lcoms(...args) {
  const home = path.join(folder, 'home');
  const watch = watchProcessorTime(home);
  const started = performance.now();
  const child = spawn(process.execPath, [path.join(root, 'dist/cli/main.js'), ...args], {
    cwd: folder,
    env: { ...process.env, LCOMS_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  const seconds = (performance.now() - started) / 1000;
  const cpuSeconds = watch.stop();
  if (status !== 0) throw new Error(`lcoms ${args[0]} ended with ${status}`);
  return { seconds, cpuSeconds, document: JSON.parse(out) };
}

writeSpecs();
try {
  const run = await lcoms('sweep', 'sweep.json', '--json');
  const done = run.document.trials.filter(({ state }) => state === 'succeeded').length;
  if (done !== trials) throw new Error(`${done} of ${trials} trials succeeded`);
  const plan = await lcoms('plan', 'sweep.json', '--set', 'name=again', '--json');
  const again = await lcoms('sweep', 'sweep.json', '--set', 'name=again', '--json');
  if (again.document.trials.some(({ nodes }) => nodes.cached !== NODES)) throw new Error('not all was cached');
  const result = {
    machine: { cpus: os.availableParallelism(), model: os.cpus()[0]?.model, load: os.loadavg()[0] },
    node: process.version,
    trials,
    nodes: trials * NODES,
    seconds: run.seconds,
    cpuSeconds: run.cpuSeconds,
    trialsPerSecond: trials / run.seconds,
    nodesPerSecond: (trials * NODES) / run.seconds,
    cached: { planSeconds: plan.seconds, confirmSeconds: again.seconds },
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
