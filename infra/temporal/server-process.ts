import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LcomsError } from '../../schemas/errors.js';
import { logsFolder } from '../paths.js';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';
import { answers } from './reach.js';

/** Longest start, milliseconds; about one second as a rule, much more on a loaded machine. */
const START_TIMEOUT = 120_000;
/** Starts with ports that turn out to be taken, in all. */
const STARTS = 5;
/** Time that a server gets to close its state file before it is killed, milliseconds. */
const STOP_GRACE = 5_000;
/** Time that a port in use is waited for, milliseconds. */
const PORT_PATIENCE = 3_000;

/**
 * Settings of a server that one machine uses. Every transaction is on the disk before it counts, as without them: a log
 * that is appended to (wal) takes one wait for the disk where the default, a journal made and deleted each time, takes
 * three. Task queues in one part each instead of four, since one process serves them all.
 */
const SETTINGS = [
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=full'],
  ...['--dynamic-config-value', 'matching.numTaskqueueReadPartitions=1'],
  ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
];

/** A development server of a home. */
export interface ServerProcess extends ProcessIdentity {
  port: number;
}

/**
 * Starts the embedded server on `port` (or a free one when it is taken or 0), in a process group of its own so that a
 * Ctrl-C in the terminal does not reach it. State in <home>/temporal/state.db, output in <home>/logs/temporal.log.
 * Resolves when it answers. Throws LCOMS_E_TEMPORAL with the end of its log when it doesn't.
 */
export async function startServer(binary: string, home: string, port: number): Promise<ServerProcess> {
  const log = path.join(logsFolder(home), 'temporal.log');
  mkdirSync(path.dirname(log), { recursive: true });
  let chosen = (await becomesFree(port)) ? port : await freePort();
  for (let start = 1; ; start++) {
    const before = sizeOf(log);
    const started = await startOnce(binary, home, chosen, log);
    if (typeof started !== 'string') return started;
    const said = textFrom(log, before).trim();
    // Another program may take a port between the look and the start, also one of those that the server picks itself.
    if (start < STARTS && /address already in use/i.test(said)) {
      chosen = await freePort();
      continue;
    }
    throw new LcomsError(
      'LCOMS_E_TEMPORAL',
      `the embedded Temporal server (${binary}) did not start: ${started}${said === '' ? '' : `; the end of its log:\n${said.slice(-800)}`}`,
      { file: log, hint: `Read ${log}; \`lcoms doctor\` checks the server.` },
    );
  }
}

/** One process, once it answers; or why it does not: then none is left. */
async function startOnce(binary: string, home: string, port: number, log: string): Promise<ServerProcess | string> {
  const output = openSync(log, 'a');
  const database = path.join(home, 'temporal', 'state.db');
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)];
  const quiet = ['--log-level', 'error', '--db-filename', database];
  const child = spawn(binary, [...args, ...quiet, ...SETTINGS], { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let problem: string | null = null;
  child.once('error', (error) => {
    problem = error.message;
  });
  child.once('exit', (code, signal) => {
    problem ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  const deadline = performance.now() + START_TIMEOUT;
  while (problem === null && performance.now() < deadline) {
    const answered =
      child.pid !== undefined && (await answers({ address: `127.0.0.1:${port}`, namespace: 'default' }, 2_000));
    // What answers may be a stranger that had the port first: then ours has ended.
    if (answered && problem === null && child.pid !== undefined) {
      return { ...identify(child.pid), port };
    }
    await sleep(50);
  }
  if (problem === null) child.kill('SIGKILL');
  return problem ?? 'no answer';
}

/** Ends a server: asks, waits, then kills. */
export async function stopServer(server: ProcessIdentity): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', STOP_GRACE],
    ['SIGKILL', STOP_GRACE],
  ] as const) {
    if (!isRunning(server)) return;
    try {
      process.kill(server.pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + patience;
    while (isRunning(server) && performance.now() < deadline) await sleep(20);
  }
}

/** A server that was killed may hold its port for a moment longer: its clients know only the old address. */
async function becomesFree(port: number): Promise<boolean> {
  const deadline = performance.now() + PORT_PATIENCE;
  for (;;) {
    if (await isFree(port)) return true;
    if (port === 0 || performance.now() > deadline) return false;
    await sleep(50);
  }
}

async function isFree(port: number): Promise<boolean> {
  if (port === 0) return false;
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Bytes; 0 when there is none. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function textFrom(file: string, start: number): string {
  try {
    return readFileSync(file).subarray(start).toString('utf8');
  } catch {
    return '';
  }
}
