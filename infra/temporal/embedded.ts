import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TemporalAddress, temporalAddress } from '../../lib/temporal/address.js';
import { LcomsError } from '../../schemas/errors.js';
import { findTemporalCli } from '../tools/index.js';
import { isRunning } from './process-identity.js';
import { answers, assertReachable } from './reach.js';
import { type ServerProcess, startServer, stopServer } from './server-process.js';
import { countUsers, enter, exclusively, leave, serverFolder } from './users.js';

/** Milliseconds that the embedded server, when its process lives, gets to answer before another one is started. */
const SLOWEST_ANSWER = 60_000;

/** A Temporal server that this process may use until `close`. */
export interface TemporalConnection {
  /** host:port */
  address: string;
  namespace: string;
  /** Whether it is the home's own server. */
  embedded: boolean;
  /** Starts the embedded server again, at the same address, should it have died; does nothing for another one. */
  ensure(): Promise<void>;
  /** Gives the server back: the last user of the home's own one stops it. */
  close(): Promise<void>;
}

export interface TemporalOptions {
  /** Absolute LCOMS_HOME. */
  home: string;
  /** See temporalAddress for what is read. Default process.env. */
  env?: NodeJS.ProcessEnv;
}

/**
 * The server at TEMPORAL_ADDRESS when that is set; else the embedded one of `home`, which all lcoms processes of that
 * home share and the last one stops. Its state lives in <home>/temporal/state.db, so runs go on after everything died.
 * Throws LCOMS_E_TEMPORAL (not reachable within five seconds, or it does not start) or LCOMS_E_TOOL_MISSING.
 */
export async function connectTemporal({ home, env = process.env }: TemporalOptions): Promise<TemporalConnection> {
  const remote = temporalAddress(env);
  if (remote !== null) {
    await assertReachable(remote);
    const { address, namespace } = remote;
    return { address, namespace, embedded: false, ensure: async () => undefined, close: async () => undefined };
  }
  const registration = enter(home);
  try {
    const address = await exclusively(home, () => ensureServer(home, env));
    return {
      address,
      namespace: 'default',
      embedded: true,
      ensure: async () => {
        await exclusively(home, () => ensureServer(home, env));
      },
      close: () => exclusively(home, () => release(home, registration)),
    };
  } catch (error) {
    leave(registration);
    throw error;
  }
}

/** The embedded server of a home when it is up and someone uses it; never starts it. */
export function runningServer(home: string): TemporalAddress | null {
  const server = readServer(home);
  // A server that a killed process left behind works on nothing.
  return server !== null && isRunning(server) && countUsers(home) > 0
    ? { address: `127.0.0.1:${server.port}`, namespace: 'default' }
    : null;
}

async function ensureServer(home: string, env: NodeJS.ProcessEnv): Promise<string> {
  const known = readServer(home);
  if (known !== null && isRunning(known)) {
    const address = `127.0.0.1:${known.port}`;
    if (await answersInTime(known, address)) return address;
    await stopServer(known);
  }
  const tool = await findTemporalCli(env);
  if (tool === null) {
    throw new LcomsError(
      'LCOMS_E_TOOL_MISSING',
      'there is no Temporal server: TEMPORAL_ADDRESS is not set and no `temporal` binary was found',
      {
        hint: 'Run `npm run setup`, or set TEMPORAL_CLI_PATH to the binary, or TEMPORAL_ADDRESS to a server.',
      },
    );
  }
  // The old port first: clients and workers that outlived the server find it again.
  const server = await startServer(tool.path, home, known?.port ?? 0);
  writeFileSync(serverFile(home), JSON.stringify(server));
  return `127.0.0.1:${server.port}`;
}

/** A server that lives is slow on a loaded machine, as a rule, and not hung: ending it would help nobody. */
async function answersInTime(server: ServerProcess, address: string): Promise<boolean> {
  const deadline = performance.now() + SLOWEST_ANSWER;
  while (performance.now() < deadline && isRunning(server)) {
    if (await answers({ address, namespace: 'default' }, 10_000)) return true;
    await sleep(250);
  }
  return false;
}

async function release(home: string, registration: string): Promise<void> {
  leave(registration);
  await stopUnused(home);
}

/** Stops the embedded server of a home when its users died without giving it back. */
export async function stopUnusedServer(home: string): Promise<void> {
  if (readServer(home) !== null) await exclusively(home, () => stopUnused(home));
}

async function stopUnused(home: string): Promise<void> {
  const server = readServer(home);
  if (server !== null && countUsers(home) === 0) await stopServer(server);
}

function serverFile(home: string): string {
  return path.join(serverFolder(home), 'server.json');
}

function readServer(home: string): ServerProcess | null {
  try {
    return JSON.parse(readFileSync(serverFile(home), 'utf8')) as ServerProcess;
  } catch {
    return null;
  }
}
