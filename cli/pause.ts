import { defineCommand } from 'citty';
import { closeStatus, markPause, readPlan, readStatus, unmarkPause } from '../activities/run-files.js';
import type { RunState } from '../schemas/run.js';
import { holdSweep } from './hold-sweep.js';
import { endWithin, teller, withOpenRun } from './open-run.js';
import { knownRun, matchingSweep } from './run-id.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Milliseconds that nodes under way get to reach a checkpoint and end: their own minute, and some more. */
const PATIENCE = 75_000;
/** Milliseconds without any answer of a worker after which there is none. */
const NOBODY = 10_000;

const command = defineCommand({
  meta: { name: 'pause', description: 'Let a run or a sweep write checkpoints and stop' },
  args: {
    id: { type: 'positional', required: true, description: 'run or sweep; lcoms ls lists them' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const store = workplace.store.store;
    const sweep = await matchingSweep(store, args.id);
    if (sweep) return await holdSweep(workplace, sweep, 'paused', output);
    const runId = await knownRun(workplace, args.id);
    const plan = await readPlan(store, runId);
    const recorded = (await readStatus(store, runId))?.state ?? 'queued';
    const told = teller(output, { runId });
    const onServer = await withOpenRun(workplace, runId, output, async (client) => {
      // A worker that polls is slow, not gone: the wish waits for it.
      if (!(await client.hasWorkers()) && (await client.status(runId, NOBODY)) === null) {
        await client.terminate(runId, 'paused without a worker');
        return 'nobody';
      }
      await markPause(store, runId);
      await client.pause(runId);
      const ready = output.waiting('waiting for the next checkpoint');
      return (await endWithin(client, runId, PATIENCE).finally(ready)) ?? 'running';
    });
    if (onServer === 'running')
      return told('running', `${runId} was asked to pause, and is not done with it yet: lcoms show ${runId}`);
    if (onServer !== null && onServer !== 'nobody') {
      if (onServer !== 'paused') await unmarkPause(store, runId);
      const state = onServer as RunState;
      return told(state, state === 'paused' ? `Paused: lcoms resume ${runId}` : `${runId} came to its end: ${state}`);
    }
    if (['succeeded', 'failed', 'cancelled', 'pruned'].includes(recorded))
      return told(recorded, `${runId} is not under way: ${recorded}`);
    if (recorded === 'paused') return told('paused', `${runId} is paused already: lcoms resume ${runId}`);
    await closeStatus(store, plan, 'paused');
    return told('paused', `Nobody was working on ${runId}; it is paused: lcoms resume ${runId}`);
  },
});

export const verb: Verb = {
  command,
  examples: [['lcoms pause quickstart-20260102-030405-abcd', 'goes on with lcoms resume, to the same bytes']],
  notes: [
    'No new node starts; trainings and searches under way write a checkpoint and end. One that reaches none within a minute is ended.',
  ],
};
