import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type ErrorCode, LcomsError } from '../../schemas/errors.js';
import type { ErrorRecord } from '../../schemas/run.js';
import { distFolder, logsFolder } from '../paths.js';
import { WORKER_CONFIG_VARIABLE, type WorkerConfig } from './config.js';

export interface SpawnedWorker {
  pid: number;
  /** Asks it to stop and waits; kills it after ten seconds. */
  stop(): Promise<void>;
  /** Resolves when the process has ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface SpawnOptions {
  /** Default process.env. */
  env?: NodeJS.ProcessEnv;
  /** Let it outlive this process (give it `address: null` and `untilRun`). Default false: it ends with this process. */
  detached?: boolean;
}

/**
 * Starts a worker as its own process and waits until it takes tasks. Its output goes to <home>/logs/worker.log.
 * Throws the error that kept it from starting.
 */
export async function spawnWorker(
  config: WorkerConfig,
  { env = process.env, detached = false }: SpawnOptions = {},
): Promise<SpawnedWorker> {
  const log = path.join(logsFolder(config.home), 'worker.log');
  mkdirSync(path.dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, [path.join(distFolder, 'infra', 'worker', 'main.js')], {
    env: { ...env, [WORKER_CONFIG_VARIABLE]: JSON.stringify(config) },
    stdio: ['ignore', 'pipe', output, ...(detached ? [] : ['ipc' as const])],
    detached,
  });
  closeSync(output);
  const worker = watched(child);
  await readiness(child, log);
  if (detached) {
    child.stdout?.destroy();
    child.unref();
  }
  return worker;
}

/** The process as a worker that can be stopped and waited for. */
export function watched(child: ChildProcess): SpawnedWorker {
  const exited: SpawnedWorker['exited'] = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(timer);
  };
  return { pid: child.pid as number, stop, exited };
}

/** The line `{ready: true, ...}` that a worker prints when it takes tasks; throws the error that it prints instead. */
export async function readiness(child: ChildProcess, log: string): Promise<Record<string, unknown>> {
  const line = await new Promise<string | null>((resolve) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', () => resolve(null));
    child.once('exit', () => setTimeout(() => resolve(null), 100));
  });
  const message = line === null ? null : (JSON.parse(line) as { ready?: true; error?: ErrorRecord });
  if (message?.ready) return message;
  if (message?.error) {
    const { code, hint } = message.error;
    throw new LcomsError(code as ErrorCode, message.error.message, hint === undefined ? {} : { hint });
  }
  throw new LcomsError('LCOMS_E_INTERNAL', 'the worker process ended before it was ready', { file: log });
}
