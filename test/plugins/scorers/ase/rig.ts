import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectTemporal, type TemporalConnection } from '../../../../infra/temporal/embedded.js';
import type { ServerProcess } from '../../../../infra/temporal/server-process.js';
import { type SpawnedPythonWorker, spawnPythonWorker } from '../../../../infra/worker/python.js';
import { packagedFile } from '../../../../lib/package-root.js';
import type { PluginContext } from '../../../../plugins/contract/context.js';
import type { Scorer } from '../../../../plugins/contract/scorer.js';
import { ase } from '../../../../plugins/scorers/ase/index.js';
import { testContext } from '../../../../plugins/testing/test-context.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { env, hasServer, isAlive } from '../../../infra/temporal/rig.js';

/** Calculators of the tests, and the folder of their Python code. */
export const CODE = packagedFile('test/plugins/scorers/ase/python');

/** Whether a real server and a real Python worker can run; the environment is made when it is not there. */
export const canScore = hasServer && (await hasPython());

async function hasPython(): Promise<boolean> {
  const { ensureScoringPython } = (await import(pathToFileURL(packagedFile('infra/setup/python.mjs')).href)) as {
    ensureScoringPython(): Promise<string>;
  };
  try {
    await ensureScoringPython();
    return true;
  } catch (error) {
    console.warn(`no Python for calculators (${(error as Error).message}): tests of scorer/ase are skipped`);
    return false;
  }
}

/** A case of the fixture: a crystal and what ASE's EMT says of it. */
export interface Case {
  name: string;
  crystal: Crystal;
  energy: number;
  forces: number[];
  stress: number[];
}
export const cases = (
  JSON.parse(readFileSync(packagedFile('test/fixtures/scoring/ase-emt.json'), 'utf8')) as { cases: Case[] }
).cases;

/** A home with its server, and Python workers on it. */
export class PythonRig {
  readonly workers: SpawnedPythonWorker[] = [];

  private constructor(
    readonly home: string,
    readonly temporal: TemporalConnection,
  ) {}

  static async start(): Promise<PythonRig> {
    const home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-ase-'));
    return new PythonRig(home, await connectTemporal({ home, env }));
  }

  /** Variables of a worker that serves the calculators of the tests. */
  get env(): NodeJS.ProcessEnv {
    const calculators = path.join(CODE, 'calculators.toml');
    return { ...env, LCOMS_CALCULATORS: calculators, PYTHONPATH: CODE, COUNTED: path.join(this.home, 'counted') };
  }

  async worker(extra: NodeJS.ProcessEnv = {}): Promise<SpawnedPythonWorker> {
    const { address, namespace } = this.temporal;
    const worker = await spawnPythonWorker({ address, namespace, home: this.home, env: { ...this.env, ...extra } });
    this.workers.push(worker);
    return worker;
  }

  /** Process id and cell volume of each evaluation that CountedEMT finished. */
  counted(): { pid: number; volume: number }[] {
    const file = path.join(this.home, 'counted');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' ').map(Number)).map(([pid = 0, volume = 0]) => ({ pid, volume }));
  }

  get server(): PluginContext['temporal'] {
    const { address, namespace } = this.temporal;
    return { address, namespace };
  }

  async scorer(options: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Scorer> {
    const context = testContext({ temporal: this.server, ...(signal ? { signal } : {}) });
    return (await ase.create(ase.options.parse(options), context)) as Scorer;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    const file = path.join(this.home, 'temporal', 'server.json');
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as ServerProcess;
    // Its orderly end takes two seconds, and has tests of its own.
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await this.temporal.close();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}
