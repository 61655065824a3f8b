// Records the histories that replay.test.ts replays: node test/histories/record.mjs (after npm run build).
// Run it when the workflow changes on purpose, with the names of what is to be recorded, e.g. `record.mjs paused`; files of
// versions whose runs may be under way stay (give new ones another name).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { writeSweepPlan } from '../../dist/activities/sweep/sweep-files.js';
import { RunClient, workflowId } from '../../dist/infra/temporal/client.js';
import { connectTemporal } from '../../dist/infra/temporal/embedded.js';
import { sweepWorkflowId } from '../../dist/infra/temporal/sweep-client.js';
import { spawnWorker } from '../../dist/infra/worker/spawn.js';
import { openStore } from '../../dist/lib/artifacts/open.js';
import { resolvedSweepSchema } from '../../dist/schemas/sweep.js';

const here = import.meta.dirname;
// The SDK's own JSON form of histories does not work with the protobufjs that it brings.
const require = createRequire(createRequire(import.meta.url).resolve('@temporalio/worker'));
const { History } = require('@temporalio/proto').temporal.api.history.v1;
const home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-record-'));
const fake = path.join(home, 'fake');
mkdirSync(fake);
const behave = (id, plan) => writeFileSync(path.join(fake, `${id}.json`), JSON.stringify(plan));
behave('flaky', { bad: 'LCOMS_E_STORE', badAttempts: 1 });
behave('bad', { bad: 'LCOMS_E_DATA_EMPTY', badAttempts: 99 });
behave('long', { steps: 5_000, stepMs: 20 });
const node = (id, needs = {}, queue = 'io') => ({ id, step: 'prepare-data', queue, needs });
const timeouts = { heartbeat: 5_000, retryInitial: 50, statusInterval: 100 };
const runs = {
  succeeded: [node('data'), node('flaky', { x: 'data' }, 'cpu'), node('score', { x: ['data', 'flaky'] }, 'score')],
  failed: [node('bad'), node('after', { x: 'bad' }), node('other')],
  paused: [node('long', {}, 'cpu'), node('rest', { x: 'long' })],
  cancelled: [node('long', {}, 'cpu'), node('rest', { x: 'long' })],
};

const temporal = await connectTemporal({ home });
const server = { address: temporal.address, namespace: temporal.namespace, prefix: 'lcoms-record' };
const queues = ['orchestration', 'io', 'cpu', 'score'];
const executor = path.join(here, '..', 'activities', 'compute', 'fake-executor.mjs');
const worker = await spawnWorker(
  { ...server, queues, home, storeUrl: path.join(home, 'store'), executor },
  { env: { ...process.env, LCOMS_FAKE: fake } },
);
const client = await RunClient.connect(server);
const connection = await Connection.connect({ address: server.address });
const wanted = process.argv.slice(2);
for (const [name, nodes] of Object.entries(runs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await client.start(name, nodes, { timeouts });
  if (name === 'cancelled' || name === 'paused') {
    while (!(await client.liveNodes(name)).some((live) => live.progress)) await new Promise((r) => setTimeout(r, 50));
    await (name === 'paused' ? client.pause(name) : client.cancel(name));
  }
  const { state } = await client.result(name);
  await save('experiment', name, workflowId(name), state);
}

async function save(kind, name, id, state) {
  const history = await new Client({ connection }).workflow.getHandle(id).fetchHistory();
  const json = JSON.stringify(History.toObject(history, { enums: String, bytes: String, longs: String }), null, 1);
  // Who took a task, and where the package lay, say nothing of the workflow.
  const plain = json.replaceAll(/\d+@[\w.-]+/g, 'worker').replaceAll(path.resolve(here, '..', '..'), '/app');
  writeFileSync(path.join(here, kind === name ? `${kind}.json` : `${kind}-${name}.json`), `${plain}\n`);
  process.stdout.write(`${name}: ${state}, ${history.events.length} events\n`);
}
// A sweep with a trial that fails, over two executions: the last one is kept.
const sweepId = 'recorded-00000000';
behave(`${sweepId}-00001.data`, { bad: 'LCOMS_E_DATA_EMPTY', badAttempts: 99 });
const base = { apiVersion: 1, name: 'recorded', pipeline: [{ id: 'data', step: 'prepare-data' }] };
const axes = [{ path: 'seed', values: [0, 1, 2, 3] }];
const spec = resolvedSweepSchema.parse({ apiVersion: 1, kind: 'sweep', name: 'recorded', base, axes });
const made = { version: 1, sweepId, name: 'recorded', createdAt: '2026-01-01T00:00:00Z', hash: '0'.repeat(64) };
const files = { specFile: 'sweep.yaml', baseFile: 'sweep.yaml', files: {} };
await writeSweepPlan(openStore(path.join(home, 'store')), { ...made, ...files, spec, trials: 4 });
const limits = { concurrency: 2, trials: 4, cpuSeconds: null, target: null, goal: 'minimize', failures: null };
await client.sweeps.start(sweepId, { ...limits, failFast: false }, { timeouts, maximumEvents: 40 });
const { state } = await client.sweeps.result(sweepId);
if (wanted.length === 0 || wanted.includes('sweep')) await save('sweep', 'sweep', sweepWorkflowId(sweepId), state);
if (wanted.length === 0 || wanted.includes('trial'))
  await save('experiment', 'trial', workflowId(`${sweepId}-00000`), 'of the sweep');
await connection.close();
await client.close();
await worker.stop();
await temporal.close();
rmSync(home, { recursive: true, force: true });
