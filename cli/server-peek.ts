import { RunClient } from '../infra/temporal/client.js';
import { runningServer } from '../infra/temporal/embedded.js';
import { answers } from '../infra/temporal/reach.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { RunState } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** States of runs by the server, and of sweeps that are under way; empty when no server is up. */
export type LiveStates = ReadonlyMap<string, RunState>;

/** Milliseconds that a server gets to answer. */
const PATIENCE = 2_000;

/** Asks the server for its runs if there is one; never starts it. */
export async function peekStates(
  { home, prefix }: Workplace,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LiveStates> {
  const to = temporalAddress(env) ?? runningServer(home);
  if (to === null || !(await answers(to, PATIENCE))) return new Map();
  const client = await RunClient.connect({ address: to.address, namespace: to.namespace, prefix, env });
  try {
    const runs = await client.list();
    // Newest first: an earlier execution of a run says nothing any more.
    const states = new Map(runs.reverse().map(({ runId, state }) => [runId, state]));
    for (const sweepId of await client.openSweeps()) states.set(sweepId, 'running');
    return states;
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
