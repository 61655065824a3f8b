// Optimizers of this package against well-known ones on test functions at equal numbers of evaluations: README.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/lib/random/rng.js';
import { BUILT_IN } from '../dist/plugins/built-in.js';
import { testContext } from '../dist/plugins/testing/test-context.js';
import { pythonPath } from './python/setup.mjs';
import { FUNCTIONS, PROBLEMS } from './test-functions.mjs';

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    python: { type: 'string' },
    'keep-peers': { type: 'boolean', default: false },
    out: { type: 'string', default: 'bench/results/optimizers.json' },
  },
});
const here = (file) => new URL(file, import.meta.url).pathname;
const SEEDS = Number(given.seeds);

/** What stands for zero: single precision, in which points are evaluated here, tells no more apart. */
const FLOOR = 1e-4;

const swarm = (d, budget) => Math.min(10 + Math.floor(2 * Math.sqrt(d)), Math.ceil(budget / 5));
const both = [200, 2000];
/** `with`: options of the plugin; `population`: of both sides, where it is a free choice. */
const METHODS = [
  { method: 'pso', peer: 'pyswarms GlobalBestPSO', use: 'pso', budgets: both, population: swarm },
  {
    method: 'pso-ring',
    peer: 'pyswarms LocalBestPSO',
    use: 'pso',
    with: { topology: 'ring' },
    budgets: both,
    population: swarm,
  },
  {
    method: 'differential-evolution',
    peer: 'scipy differential_evolution',
    use: 'differential-evolution',
    budgets: both,
    population: (d, budget) => Math.min(10 * d, Math.ceil(budget / 5)),
  },
  // The step size that Optuna gives its library.
  { method: 'cma-es', peer: 'cmaes (of Optuna)', use: 'cma-es', with: { sigma: 1 / 6 }, budgets: both },
  { method: 'tpe', peer: 'Optuna TPESampler', use: 'tpe', budgets: [200], fewer: 2 },
  // Some eight seconds a search on the other side: fewer problems, evaluations and seeds there.
  { method: 'gp-ei', peer: 'scikit-optimize gp_minimize', use: 'gp-ei', budgets: [60], most: 5, fewer: 4 },
];

const runs = METHODS.flatMap(({ budgets, population, most = 10, fewer = 1, ...method }) =>
  budgets.map((budget) => ({
    ...method,
    budget,
    seeds: Math.ceil(SEEDS / fewer),
    problems: PROBLEMS.filter(({ d }) => d <= most).map((problem) => ({
      ...problem,
      ...(population ? { population: population(problem.d, budget) } : {}),
    })),
  })),
);

const ours = runs.map(({ use, with: options, budget, problems }) => {
  const plugin = BUILT_IN.find(({ kind, name }) => kind === 'optimizer' && name === use);
  const began = process.cpuUsage().user;
  const best = problems.map((problem) => search(plugin, { budget, ...options }, problem, SEEDS));
  return { best, seconds: (process.cpuUsage().user - began) / 1e6 };
});
const kept = given['keep-peers'] ? JSON.parse(readFileSync(given.out, 'utf8')) : null;
const theirs = kept ?? (await askPeers());
const results = runs.map((run, r) => ({
  method: run.method,
  peer: run.peer,
  budget: run.budget,
  seeds: { ours: SEEDS, peer: kept?.results[r].seeds.peer ?? run.seeds },
  cpuSeconds: {
    ours: Number(ours[r].seconds.toFixed(1)),
    peer: kept?.results[r].cpuSeconds.peer ?? theirs.runs[r].seconds,
  },
  problems: run.problems.map(({ name, d }, p) =>
    compare(name, d, ours[r].best[p], kept?.results[r].problems[p].peer ?? quartiles(theirs.runs[r].best[p])),
  ),
}));
writeFileSync(given.out, `${JSON.stringify({ versions: theirs.versions, floor: FLOOR, results }, null, 1)}\n`);
console.log(table(results));

/** The best value per start: uniform starts, each a search of its own. */
function search(plugin, options, { name, d }, seeds) {
  const { lower, upper, f } = FUNCTIONS[name];
  const rng = Rng.from('bench-optimizers');
  const starts = Float32Array.from({ length: seeds * d }, () => lower + rng.uniform() * (upper - lower));
  const space = {
    kind: 'latent',
    dimension: d,
    lower: new Float64Array(d).fill(lower),
    upper: new Float64Array(d).fill(upper),
    reference: new Float32Array(0),
  };
  const one = plugin.create(plugin.options.parse(options), testContext()).start(space, starts);
  for (let ask = one.ask(); ask !== null; ask = one.ask()) {
    const { points } = ask;
    const values = Float32Array.from({ length: points.length / d }, (_, i) =>
      f([...points.subarray(i * d, i * d + d)]),
    );
    one.tell({ values });
  }
  return [...one.result().values];
}

async function askPeers() {
  const python = given.python ?? (await pythonPath('optimizers-requirements.txt'));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-bench-'));
  try {
    const job = path.join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ runs }));
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
    const options = { env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] };
    return JSON.parse(execFileSync(python, [here('python/optimizers.py'), job], options));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** No worse: our median is at most the peer's upper quartile, or both are as good as the floor. */
function compare(name, d, mine, peer) {
  const least = name === 'branin' ? 0.397887 : 0;
  const median = short(quantile(mine, 0.5));
  return { name, d, median, peer, noWorse: median <= Math.max(peer[2], least + FLOOR) };
}

function short(x) {
  return Number(x.toPrecision(4));
}

function quartiles(values) {
  return [0.25, 0.5, 0.75].map((q) => short(quantile(values, q)));
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  return sorted[low] + (rank - low) * (sorted[Math.ceil(rank)] - sorted[low]);
}

/** A table per number of evaluations: ours (peer's median), marked where ours is worse. */
function table(all) {
  const show = (x) => (x < FLOOR ? '0' : String(Number(x.toPrecision(3))));
  const cell = (problem) =>
    problem ? `${show(problem.median)} (${show(problem.peer[1])})${problem.noWorse ? '' : ' **worse**'}` : '';
  return [...new Set(all.map(({ budget }) => budget))]
    .sort((a, b) => a - b)
    .map((budget) => {
      const columns = all.filter((run) => run.budget === budget);
      const head = `| ${budget} evaluations | ${columns.map(({ method }) => method).join(' | ')} |`;
      const rows = PROBLEMS.map(({ name, d }) => {
        const cells = columns.map(({ problems }) => cell(problems.find((p) => p.name === name && p.d === d)));
        return cells.some((text) => text !== '') ? `| ${name}, d = ${d} | ${cells.join(' | ')} |\n` : '';
      });
      return `${head}\n|---|${columns.map(() => '---|').join('')}\n${rows.join('')}`;
    })
    .join('\n');
}
