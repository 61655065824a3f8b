import { RunClient } from '../infra/temporal/client.js';
import { runningServer } from '../infra/temporal/embedded.js';
import type { LiveNode } from '../infra/temporal/live-nodes.js';
import { answers } from '../infra/temporal/reach.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { NodeRecord, RunState } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** States of runs by the server; empty when no server is up. */
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
    const running = [...states].filter(([, state]) => state === 'running');
    const worked = running.length === 0 || (await client.hasWorkers());
    for (const [runId] of running) if (!worked || isStale(await client.liveNodes(runId))) states.set(runId, 'stale');
    return states;
  } finally {
    await client.close();
  }
}

/** The nodes of a run that the server has under way; none when no server is up or it does not have the run. */
export async function peekNodes(
  { home, prefix }: Workplace,
  runId: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LiveNode[]> {
  const to = temporalAddress(env) ?? runningServer(home);
  if (to === null || !(await answers(to, PATIENCE))) return [];
  const client = await RunClient.connect({ address: to.address, namespace: to.namespace, prefix, env });
  try {
    return await client.liveNodes(runId).catch(() => []);
  } finally {
    await client.close();
  }
}

/** A record as the server has it now: the attempt under way, and whether its worker was lost. */
export function withLive(record: NodeRecord, live: readonly LiveNode[]): NodeRecord {
  const node = record.state === 'running' ? live.find(({ id }) => id === record.id) : undefined;
  if (node === undefined) return record;
  return { ...record, attempt: node.attempt, state: node.state === 'stale' ? 'stale' : 'running' };
}

/** Whether a worker was lost and nothing of the run is under way. */
function isStale(nodes: readonly LiveNode[]): boolean {
  return nodes.some(({ state }) => state === 'stale') && !nodes.some(({ state }) => state === 'running');
}

/** A recorded `running` counts only while the server really has the run open; otherwise it was interrupted. */
export function shownState(recorded: RunState | null, live: RunState | undefined): RunState {
  if (live === 'running' || live === 'stale') return live;
  if (recorded === null || recorded === 'running' || recorded === 'queued') return 'interrupted';
  return recorded;
}
