// The same graph of trivial tasks in lcoms and in Python engines that need no server of their own, one after the other in
// one sitting: node bench/engines.mjs [CHAINS] [--length N] [--python PATH] [--json FILE] (after npm run build).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pythonPath } from './python/setup.mjs';

const { values, positionals } = parseArgs({
  options: {
    length: { type: 'string', default: '4' },
    python: { type: 'string' },
    json: { type: 'string', default: path.join(import.meta.dirname, 'results', 'engines.json') },
  },
  allowPositionals: true,
});
const chains = Number(positionals[0] ?? 200);
const length = Number(values.length);
/** A process a task costs seconds: a thirtieth of the chains says what it says. */
const SIZES = { 'dagster-multiprocess': Math.ceil(chains / 30) };
const PEERS = ['prefect', 'dagster-in-process', 'dagster-multiprocess', 'jobflow', 'jobflow-json'];
const LIMIT = 10 * 60_000;

/** Runs a command in a process group of its own, ends what it leaves behind, and gives its output. */
async function run(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let out = '';
  let problem = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    problem = (problem + text).slice(-2_000);
  });
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  };
  const timer = setTimeout(end, LIMIT);
  // A server that an engine has started and forgotten would hold the pipe: 'close' might never come.
  const status = await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  end();
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${problem}`);
  return out;
}

const rows = {};

/** Writes what there is: a sitting takes minutes, and an engine may fail. */
function tell(name) {
  const row = rows[name];
  row.tasksPerSecond = row.tasks / row.seconds;
  row.tasksPerCpuSecond = row.tasks / row.cpuSeconds;
  const machine = { cpus: os.availableParallelism(), model: os.cpus()[0]?.model };
  writeFileSync(values.json, `${JSON.stringify({ machine, chains, length, engines: rows }, null, 2)}\n`);
  const [clock, cpu] = [row.tasksPerSecond, row.tasksPerCpuSecond].map((n) => n.toFixed(1).padStart(8));
  process.stdout.write(`${name.padEnd(22)}${row.tasks} tasks${clock} /s${cpu} /CPU s, load ${row.load.toFixed(1)}\n`);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-engines-'));
try {
  const python = values.python ?? (await pythonPath('engines-requirements.txt'));
  const own = path.join(folder, 'lcoms.json');
  await run(process.execPath, [
    path.join(import.meta.dirname, 'sweep.mjs'),
    ...[String(chains), '--nodes', String(length), '--json', own],
  ]);
  const { nodes, seconds, cpuSeconds, node } = JSON.parse(readFileSync(own, 'utf8'));
  const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  rows.lcoms = {
    tasks: nodes,
    seconds,
    cpuSeconds: Object.values(cpuSeconds).reduce((sum, one) => sum + one, 0),
    persists: 'every state in SQLite, results in a content-addressed store, both synced to the disk',
    versions: { lcoms: version, node },
    load: os.loadavg()[0],
  };
  tell('lcoms');
  for (const peer of PEERS) {
    const size = String(SIZES[peer] ?? chains);
    const script = path.join(import.meta.dirname, 'python', 'engines.py');
    const out = await run(python, [script, peer, size, String(length), path.join(folder, peer)]);
    rows[peer] = { ...JSON.parse(out.trim().split('\n').at(-1)), load: os.loadavg()[0] };
    tell(peer);
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
