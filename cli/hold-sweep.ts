import { closeStatus, readPlan, unmarkPause } from '../activities/run-files.js';
import { readSweepStatus, writeSweepStatus } from '../activities/sweep/sweep-files.js';
import type { RunClient } from '../infra/temporal/client.js';
import type { ObjectStore } from '../lib/artifacts/object-store.js';
import type { RunState } from '../schemas/run.js';
import type { SweepPlan } from '../schemas/sweep.js';
import { trialId, trialOfId } from '../workflows/sweep-contract.js';
import { endWithin, teller, withServer } from './open-run.js';
import type { Output } from './output.js';
import type { Workplace } from './workplace.js';

type Held = 'paused' | 'cancelled';

/** Milliseconds that a worker gets to carry it out: trials write a checkpoint within a minute, or end within a second. */
const PATIENCE: Readonly<Record<Held, number>> = { paused: 75_000, cancelled: 30_000 };

/** Pauses or cancels a sweep, those of its trials that are under way included. Returns the exit code. */
export async function holdSweep(workplace: Workplace, plan: SweepPlan, held: Held, output: Output): Promise<number> {
  const { sweepId } = plan;
  const store = workplace.store.store;
  const told = teller(output, { sweepId });
  const onServer = await withServer(workplace, output, async (client): Promise<RunState | null> => {
    if ((await client.sweeps.state(sweepId)) === 'running') {
      const state = await ask(client, store, sweepId, held, output);
      if (state !== null) return state;
    }
    // Nobody can carry out the wish, or the sweep was ended before its trials.
    await endAlone(client, store, sweepId, held);
    return null;
  });
  if (onServer === 'running')
    return told('running', `${sweepId} was asked to pause, and is not done with it yet: lcoms show ${sweepId}`);
  if (onServer !== null && onServer !== held) return told(onServer, `${sweepId} came to its end before: ${onServer}`);
  const status = await readSweepStatus(store, sweepId);
  const recorded = status?.state ?? 'queued';
  const over = ['succeeded', 'failed', ...(held === 'paused' ? ['cancelled'] : [])].includes(recorded);
  if (over) return told(recorded, `${sweepId} is not under way: ${recorded}`);
  if (recorded !== held) {
    const now = new Date().toISOString();
    const none = { startedAt: plan.createdAt, counts: {}, cpuSeconds: 0, stopped: null, best: null };
    await writeSweepStatus(store, { version: 1, sweepId, ...none, ...status, state: held, updatedAt: now });
  }
  return told(held, `${held === 'paused' ? 'Paused' : 'Cancelled'}; what is done is kept: lcoms resume ${sweepId}`);
}

/** How a sweep has ended; `running` when it is still at its pause; null when there is no worker to ask. */
async function ask(
  client: RunClient,
  store: ObjectStore,
  sweepId: string,
  held: Held,
  output: Output,
): Promise<RunState | null> {
  const progress = await client.sweeps.progress(sweepId);
  if (held === 'paused') {
    // A worker that polls is slow, not gone: the wish waits for it.
    if (progress === null && !(await client.hasWorkers())) return null;
    await client.sweeps.pause(sweepId);
  } else {
    // Trials that were about to pause end at once.
    for (const index of progress?.running ?? []) await unmarkPause(store, trialId(sweepId, index));
    await client.sweeps.cancel(sweepId);
  }
  const ready = output.waiting(held === 'paused' ? 'waiting for the next checkpoints' : 'ending its trials');
  const ended = await endWithin(client.sweeps, sweepId, PATIENCE[held]).finally(ready);
  return ended ?? (held === 'paused' ? 'running' : null);
}

/** Ends a sweep and its trials on the server, and records that of the trials. */
async function endAlone(client: RunClient, store: ObjectStore, sweepId: string, held: Held): Promise<void> {
  const why = `${held} without a worker`;
  // Before its trials: it would begin others.
  if ((await client.sweeps.state(sweepId)) === 'running') await client.sweeps.terminate(sweepId, why);
  for (const { runId, state } of await client.list()) {
    if (state !== 'running' || trialOfId(runId)?.sweepId !== sweepId) continue;
    await client.terminate(runId, why);
    await closeStatus(store, await readPlan(store, runId), held);
  }
}
