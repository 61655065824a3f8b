// Kills processes of real runs with SIGKILL, at seeded moments of every phase, and compares every artifact with those of an
// undisturbed run: node bench/kill-matrix.mjs [--kills 50] [--seed 0] [--json]. A run is killed in every phase,
// in some twice. Linux only.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createJiti } from 'jiti';
import { findWeed } from '../dist/infra/tools/index.js';
import { Rng } from '../dist/lib/random/rng.js';
import { KilledRun } from './killed-run.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const PHASES = [
  'data',
  'encoder',
  'checkpoint',
  'encoder',
  'checkpoint',
  'surrogate',
  'surrogate',
  'optimize/MgO',
  'decode/MgO',
  'score/MgO',
  'score/MgO',
];
const VICTIMS = ['compute', 'worker', 'temporal', 's3', 'all'];
/** Longest run, ms. */
const PATIENCE = 600_000;

const weed = await findWeed();
if (weed === null) throw new Error('no weed binary: npm run setup -- --with-s3');
const { startSeaweed } = await createJiti(import.meta.url).import('../test/support/seaweed.ts');
const s3 = await startSeaweed(weed.path);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-kills-'));
const rng = Rng.from(`kills/${values.seed}`);
const rows = [];
const say = (line) => process.stderr.write(`${line}\n`);

/** Every pair of victim and phase in a shuffled order, again and again: the moments are drawn when they come. */
function* plan() {
  for (let round = 0; ; round++) {
    const order = rng.fork(`victims/${round}`);
    for (let i = 0; i < VICTIMS.length; i++) {
      const first = Math.floor(order.uniform() * VICTIMS.length);
      yield PHASES.map((phase, p) => ({ phase, victim: VICTIMS[(first + i + p) % VICTIMS.length] }));
    }
  }
}

function print(row) {
  const { n, victim, when, by, recovery, lost, equal } = row;
  const cells = [n, victim, when, by, recovery.toFixed(1), lost.toFixed(1), equal ? 'yes' : 'NO'];
  process.stdout.write(values.json ? `${JSON.stringify(row)}\n` : `| ${cells.join(' | ')} |\n`);
}

let failed = false;
try {
  const calm = new KilledRun(path.join(folder, 'calm'), s3, 'calm');
  await calm.start();
  if ((await calm.end(PATIENCE)) !== 0) throw new Error(`the undisturbed run failed:\n${calm.output()}`);
  const truth = await calm.digests();
  const took = calm.durations();
  say(`undisturbed: ${Object.keys(truth).length} artifacts, ${took.total.toFixed(1)} s`);
  if (!values.json)
    process.stdout.write(
      '| # | killed | when | recovered by | seconds to recovery | work lost, s | digests equal |\n|--:|---|---|---|--:|--:|---|\n',
    );
  let n = 0;
  for (const [k, steps] of zip(plan())) {
    if (n >= Number(values.kills)) break;
    const run = new KilledRun(path.join(folder, `run-${k}`), s3, `run-${k}`);
    await run.start();
    const mine = [];
    for (const { phase, victim } of steps) {
      if (n >= Number(values.kills) || run.isOver()) break;
      n += 1;
      const within = took.nodes[phase] ?? 0.2;
      const kill = await run.kill(victim, phase, 1000 * within * 0.8 * rng.fork(`moment/${n}`).uniform());
      mine.push({ n, victim, ...kill });
      say(`${n}: ${victim} at ${kill.when}, ${kill.recovery.toFixed(1)} s`);
    }
    const code = await run.end(PATIENCE);
    run.sweep();
    const found = code === 0 ? await run.digests() : {};
    const different = Object.keys(truth).filter((id) => truth[id] !== found[id]);
    if (code !== 0) say(`run ${k} ended with ${code}:\n${run.output().slice(-3000)}\n${run.log().slice(-3000)}`);
    for (const row of mine) {
      const whole = { ...row, equal: code === 0 && different.length === 0, different };
      rows.push(whole);
      print(whole);
    }
    rmSync(run.folder, { recursive: true, force: true, maxRetries: 5 });
  }
  failed = rows.some(({ equal }) => !equal);
  const worst = (key) => Math.max(...rows.map((row) => row[key])).toFixed(1);
  say(
    `${rows.length} kills: ${rows.filter(({ equal }) => equal).length} with equal digests; slowest recovery ${worst('recovery')} s, most work lost ${worst('lost')} s`,
  );
} finally {
  await s3.stop();
  if (existsSync(folder)) await sleep(500).then(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
process.exitCode = failed ? 1 : 0;

function* zip(each) {
  let k = 0;
  for (const item of each) yield [k++, item];
}
