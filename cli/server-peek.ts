import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunClient } from '../infra/temporal/client.js';
import type { LiveNode } from '../infra/temporal/live-nodes.js';
import { countUsers, serverFolder } from '../infra/temporal/users.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { NodeRecord, RunState } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** States of runs by the server, and of sweeps that are under way; empty when no server is up. */
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
    const states = new Map(runs.reverse().map(({ runId, state }) => [runId, state]));
    const running = [...states].filter(([, state]) => state === 'running');
    const worked = running.length === 0 || (await client.hasWorkers());
    for (const [runId] of running) if (!worked || isStale(await client.liveNodes(runId))) states.set(runId, 'stale');
    for (const sweepId of await client.sweeps.open()) states.set(sweepId, 'running');
    return states;
  } finally {
    await client.close();
  }
}

/** The nodes of a run that the server has under way; none when no server is up or it does not have the run. */
export async function peekNodes(
  workplace: Workplace,
  runId: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LiveNode[]> {
  const client = await openClient(workplace, env);
  if (client === null) return [];
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
