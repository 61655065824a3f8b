// How long `lcoms ls` takes with many runs: `node bench/list-runs.mjs [--runs 1000] [--nodes 200]`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writePlan, writeStatus } from '../dist/activities/run-files.js';
import { FsStore } from '../dist/lib/artifacts/fs.js';
import { hashJson } from '../dist/lib/hashing/sha256.js';
import { experimentSpecSchema } from '../dist/schemas/experiment.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, nodes: { type: 'string', default: '200' } },
});
const runs = Number(values.runs);
const nodes = Number(values.nodes);
const main = path.join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-list-'));
const spec = experimentSpecSchema.parse({ apiVersion: 1, name: 'bench' });
const digest = hashJson('bench');
const planned = Array.from({ length: nodes }, (_, i) => ({
  id: `score/C${i}`,
  step: 'score',
  queue: 'score',
  plugin: { id: 'scorer/chgnet', version: '1.0.0', cacheVersion: 1, options: { model: 'r2scan' } },
  helpers: {},
  options: { formula: `C${i}`, fmax: 0.05, maxSteps: 250 },
  stepVersion: 1,
  needs: { starts: `start/C${i}` },
  files: {},
  seed: digest.slice(0, 32),
}));
const records = planned.map(({ id, step }) => ({
  id,
  step,
  state: 'succeeded',
  key: digest,
  attempt: 1,
  seconds: 1,
  artifact: { digest, bytes: 1000 },
  error: null,
}));
try {
  const store = new FsStore(path.join(home, 'store'));
  for (let i = 0; i < runs; i++) {
    const runId = `bench-${String(i).padStart(6, '0')}`;
    const createdAt = new Date(1.7e12 + i * 1e6).toISOString();
    const run = { version: 1, runId, name: 'bench', createdAt, lcoms: '0', spec, specFile: null, specHash: digest };
    await writePlan(store, { ...run, plugins: [], nodes: planned });
    const ended = { state: 'succeeded', startedAt: createdAt, updatedAt: createdAt, seconds: 1, error: null };
    await writeStatus(store, { version: 1, runId, ...ended, nodes: records });
  }
  const lists = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$1" ls --json', process.execPath, main],
      {
        env: { ...process.env, LCOMS_HOME: home },
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    );
    const seconds = (performance.now() - begun) / 1000;
    const listed = status === 0 ? JSON.parse(stdout).length : 0;
    if (listed !== runs) throw new Error(`${listed} of ${runs} runs were listed: ${stderr}`);
    const [user, system] = stderr.trim().split(' ').map(Number);
    return { seconds, cpuSeconds: user + system };
  });
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const result = {
    runs,
    nodes,
    seconds: median(lists.map((l) => l.seconds)),
    cpuSeconds: median(lists.map((l) => l.cpuSeconds)),
  };
  process.stdout.write(`${JSON.stringify({ ...result, cpu: os.cpus()[0]?.model, load: os.loadavg()[0] })}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}
