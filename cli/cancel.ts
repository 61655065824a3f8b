import { defineCommand } from 'citty';
import { closeStatus, readPlan, readStatus, unmarkPause } from '../activities/run-files.js';
import type { RunState } from '../schemas/run.js';
import { holdSweep } from './hold-sweep.js';
import { endWithin, teller, withOpenRun } from './open-run.js';
import { knownRun, matchingSweep } from './run-id.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Milliseconds that a worker gets to end its nodes and record it; they end within one second. */
const PATIENCE = 10_000;

const command = defineCommand({
  meta: { name: 'cancel', description: 'End a run or a sweep at once; it can be resumed' },
  args: {
    id: { type: 'positional', required: true, description: 'run or sweep; lcoms ls lists them' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const store = workplace.store.store;
    const sweep = await matchingSweep(store, args.id);
    if (sweep) return await holdSweep(workplace, sweep, 'cancelled', output);
    const runId = await knownRun(workplace, args.id);
    const plan = await readPlan(store, runId);
    const told = teller(output, { runId });
    await unmarkPause(store, runId);
    const ended = await withOpenRun(workplace, runId, output, async (client) => {
      await client.cancel(runId);
      const state = await endWithin(client, runId, PATIENCE);
      // Without a worker nobody can carry out the wish.
      if (state === null) await client.terminate(runId, 'cancelled without a worker');
      return state;
    });
    if (ended !== null && ended !== 'cancelled')
      return told(ended as RunState, `${runId} came to its end before: ${ended}`);
    const recorded = (await readStatus(store, runId))?.state ?? 'queued';
    if (recorded === 'succeeded' || recorded === 'failed' || recorded === 'pruned')
      return told(recorded, `${runId} is not under way: ${recorded}`);
    if (recorded !== 'cancelled') await closeStatus(store, plan, 'cancelled');
    return told('cancelled', `Cancelled; what is done is kept: lcoms resume ${runId} goes on after all.`);
  },
});

export const verb: Verb = {
  command,
  examples: [['lcoms cancel quickstart-20260102-030405-abcd', 'computations end within a second']],
  notes: ['Finished nodes and checkpoints are kept. `lcoms pause` lets trainings write a checkpoint first.'],
};
