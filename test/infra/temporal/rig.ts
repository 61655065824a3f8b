import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStatus } from '../../../activities/run-files.js';
import { RunClient } from '../../../infra/temporal/client.js';
import { connectTemporal, type TemporalConnection } from '../../../infra/temporal/embedded.js';
import type { ServerProcess } from '../../../infra/temporal/server-process.js';
import { findTemporalCli } from '../../../infra/tools/index.js';
import { type WorkerConfig, workerQueueSchema } from '../../../infra/worker/config.js';
import { type SpawnedWorker, spawnWorker } from '../../../infra/worker/spawn.js';
import { openStore } from '../../../lib/artifacts/open.js';
import { PACKAGE_ROOT } from '../../../lib/package-root.js';
import type { Queue, WorkflowNode } from '../../../schemas/node.js';
import type { RunStatus } from '../../../schemas/run.js';

/** The environment of tests: no server of the user's. */
export const env: NodeJS.ProcessEnv = { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '' };

/** Without a server binary the tests with real servers are skipped, with a word. */
export const hasServer = (await findTemporalCli(env)) !== null;
if (!hasServer) console.warn('no temporal binary (npm run setup): tests with a real server are skipped');

/** Quick settings, milliseconds. */
export const quick = { heartbeat: 3_000, retryInitial: 50, retryMaximum: 200, statusInterval: 100 };

export interface Event {
  run: string;
  node: string;
  event: 'start' | 'end' | 'aborted';
  attempt: number;
  pid: number;
  inputs: Record<string, string | string[]>;
  time: number;
}

export function node(id: string, needs: Record<string, string | string[]> = {}, queue: Queue = 'io'): WorkflowNode {
  return { id, step: 'prepare-data', queue, needs };
}

/** A home with its server, a client, and nodes whose behaviour the test writes down. */
export class Rig {
  readonly workers: SpawnedWorker[] = [];
  readonly storeUrl: string;
  readonly prefix = 'lcoms-test';

  private constructor(
    readonly home: string,
    readonly temporal: TemporalConnection,
    readonly client: RunClient,
  ) {
    this.storeUrl = `file://${home}/store`;
    mkdirSync(path.join(home, 'fake'));
  }

  static async start(): Promise<Rig> {
    const home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-rig-'));
    const temporal = await connectTemporal({ home, env });
    const { address, namespace } = temporal;
    return new Rig(home, temporal, await RunClient.connect({ address, namespace, prefix: 'lcoms-test', env }));
  }

  server(): ServerProcess {
    return JSON.parse(readFileSync(path.join(this.home, 'temporal', 'server.json'), 'utf8')) as ServerProcess;
  }

  config(): WorkerConfig {
    return {
      address: this.temporal.address,
      namespace: this.temporal.namespace,
      prefix: this.prefix,
      queues: [...workerQueueSchema.options],
      home: this.home,
      storeUrl: this.storeUrl,
      executor: path.join(PACKAGE_ROOT, 'test', 'activities', 'compute', 'fake-executor.mjs'),
    };
  }

  env(): NodeJS.ProcessEnv {
    return { ...env, LCOMS_FAKE: path.join(this.home, 'fake') };
  }

  async worker(): Promise<SpawnedWorker> {
    const worker = await spawnWorker(this.config(), { env: this.env() });
    this.workers.push(worker);
    return worker;
  }

  behave(id: string, plan: Record<string, unknown>): void {
    writeFileSync(path.join(this.home, 'fake', `${id}.json`), JSON.stringify(plan));
  }

  events(id?: string): Event[] {
    const file = path.join(this.home, 'fake', 'events.jsonl');
    if (!existsSync(file)) return [];
    const all = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    return id === undefined ? all : all.filter((event) => event.node === id);
  }

  async status(runId: string): Promise<RunStatus> {
    const status = await readStatus(openStore(this.storeUrl, env), runId);
    if (status === null) throw new Error(`no status of ${runId}`);
    return status;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.client.close();
    // Its orderly end takes two seconds, and has tests of its own.
    const { pid } = this.server();
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await this.temporal.close();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Waits until `probe` gives something. */
export async function until<T>(probe: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const value = await probe();
    if (value) return value;
    await sleep(25);
  }
  throw new Error(`waited in vain for ${what}`);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie that its parent has yet to collect is dead to us.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return !/\) Z /.test(stat);
}
