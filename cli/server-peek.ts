import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunClient } from '../infra/temporal/client.js';
import { countUsers, serverFolder } from '../infra/temporal/users.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { RunState } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** States of runs by the server; empty when no server is up. */
export type LiveStates = ReadonlyMap<string, RunState>;

/** Milliseconds that a server gets to answer. */
const PATIENCE = 2_000;

/** A client of the server if there is one; never starts it. The caller closes it. */
export async function openClient(
  { home, prefix }: Workplace,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunClient | null> {
  const remote = temporalAddress(env);
  if (remote === null && !(existsSync(path.join(serverFolder(home), 'users')) && countUsers(home) > 0)) return null;
  // Loaded only here: it takes longer than a listing.
  const { runningServer } = await import('../infra/temporal/embedded.js');
  const to = remote ?? runningServer(home);
  if (to === null) return null;
  const { answers } = await import('../infra/temporal/reach.js');
  if (!(await answers(to, PATIENCE))) return null;
  const { RunClient } = await import('../infra/temporal/client.js');
  return await RunClient.connect({ address: to.address, namespace: to.namespace, prefix, env });
}

/** Asks the server for its runs if there is one. */
export async function peekStates(workplace: Workplace, env: NodeJS.ProcessEnv = process.env): Promise<LiveStates> {
  const client = await openClient(workplace, env);
  if (client === null) return new Map();
  try {
    const runs = await client.list();
    // Newest first: an earlier execution of a run says nothing any more.
    return new Map(runs.reverse().map(({ runId, state }) => [runId, state]));
  } finally {
    await client.close();
  }
}

/** A recorded `running` counts only while the server really has the run open; otherwise it was interrupted. */
export function shownState(recorded: RunState | null, live: RunState | undefined): RunState {
  if (live === 'running') return 'running';
  if (recorded === null || recorded === 'running' || recorded === 'queued') return 'interrupted';
  return recorded;
}
