import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyFolder, lcomsJson, ROOT, type Running, start } from '../cli/lcoms.js';
import { processesOf, signalAll } from '../support/processes.js';

/** A whole pipeline whose parts take a second or so each. */
export const KILLS = path.join(ROOT, 'test', 'fixtures', 'specs', 'kills.yaml');

const QUICK = {
  LCOMS_BACKEND: 'wasm',
  LCOMS_CHECKPOINT_STEPS: '4',
  LCOMS_CHECKPOINT_SECONDS: '1000',
  LCOMS_HEARTBEAT_MS: '8000',
  LCOMS_RETRY_MS: '200',
  LCOMS_RETRY_MAXIMUM_MS: '1000',
  LCOMS_ATTEMPTS: '60',
};

/** One machine, as far as lcoms can tell: a home of its own. The real command line works in it. */
export class Machine {
  readonly folder = emptyFolder();
  readonly home = path.join(this.folder, 'home');

  constructor(private readonly env: Record<string, string> = {}) {}

  start(args: string[], env: Record<string, string> = {}): Running {
    return start(this.folder, args, { ...QUICK, LCOMS_HOME: this.home, ...this.env, ...env });
  }

  async json<T>(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; document: T }> {
    return await lcomsJson<T>(this.folder, args, { ...QUICK, LCOMS_HOME: this.home, ...this.env, ...env });
  }

  async digests(runId: string): Promise<Record<string, string | undefined>> {
    const { document } = await this.json<{ nodes: { id: string; artifact: { digest: string } | null }[] }>([
      'show',
      runId,
    ]);
    return Object.fromEntries(document.nodes.map(({ id, artifact }) => [id, artifact?.digest]));
  }

  /** What the nodes of all runs have told so far. */
  log(): string {
    const folder = path.join(this.home, 'logs', 'runs');
    if (!existsSync(folder)) return '';
    return readdirSync(folder)
      .map((file) => readFileSync(path.join(folder, file), 'utf8'))
      .join('');
  }

  async logs(pattern: RegExp, patience = 120_000): Promise<void> {
    for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(10))
      if (pattern.test(this.log())) return;
    throw new Error(`waited in vain for ${pattern}:\n${this.log().slice(-2000)}`);
  }

  processes(part: string): number[] {
    return processesOf(this.home, part);
  }

  /** A power cut. */
  kill(): void {
    signalAll(this.processes(''), 'SIGKILL');
  }
}

export const runIdOf = (running: Running): string => /(kills-\S+): \d+ steps/.exec(running.text())?.[1] ?? '';
