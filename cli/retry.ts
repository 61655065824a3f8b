import { defineCommand } from 'citty';
import { readStatus } from '../activities/run-files.js';
import { LcomsError } from '../schemas/errors.js';
import { goOn } from './resume.js';
import { knownRun } from './run-id.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'retry', description: 'Try the failed nodes of a run again' },
  args: {
    id: { type: 'positional', required: true, description: 'run; lcoms ls lists them' },
    failed: { type: 'boolean', description: 'the failed nodes and what needs them (nothing else is ever tried again)' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    if (!args.failed)
      throw new LcomsError('LCOMS_E_USAGE', 'say what to try again: lcoms retry RUN --failed', {
        hint: 'Finished nodes are never made twice; `lcoms resume RUN` goes on with a run that was interrupted.',
      });
    const workplace = openWorkplace();
    const runId = await knownRun(workplace, args.id);
    const status = await readStatus(workplace.store.store, runId);
    const failed = status?.nodes.filter(({ state }) => state === 'failed') ?? [];
    if (failed.length === 0) {
      if (output.json) output.document({ runId, state: status?.state ?? 'queued' });
      else output.say(`No node of ${runId} has failed (it is ${status?.state ?? 'queued'}).`);
      return 0;
    }
    output.say(`trying again: ${failed.map(({ id }) => id).join(', ')}`);
    return await goOn(workplace, runId, output);
  },
});

export const verb: Verb = {
  command,
  examples: [['lcoms retry quickstart-20260102-030405-abcd --failed', 'when the cause is mended']],
  notes: ['What is done is found again; trainings go on from their checkpoints.'],
};
