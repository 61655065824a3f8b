import { defineCommand } from 'citty';
import { readPlan, readStatus } from '../activities/run-files.js';
import { carryRun } from './carry-run.js';
import { finishSucceeded } from './finish.js';
import { interruptSignal } from './interrupt.js';
import type { Output } from './output.js';
import { assertReplaceable } from './results.js';
import { outDirOf } from './run-home.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { listRuns, runTable } from './run-list.js';
import { peekStates } from './server-peek.js';
import { Session } from './session.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'resume', description: 'Go on with a run that was interrupted or failed' },
  args: {
    id: {
      type: 'positional',
      required: false,
      description: `${RUN_ARGUMENT}; without it, what can be resumed is listed`,
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    if (args.id === undefined) return await listResumable(workplace, output);
    const runId = await knownRun(workplace, args.id);
    const plan = await readPlan(workplace.store.store, runId);
    const status = await readStatus(workplace.store.store, runId);
    const outDir = outDirOf(workplace.home, runId);
    if (status?.state === 'succeeded') {
      output.say(`${runId} has succeeded already; its results are written again.`);
      return await finishSucceeded(workplace, output, plan, status.nodes, outDir);
    }
    assertReplaceable(outDir);
    const signal = interruptSignal(output);
    const session = await Session.open(workplace, output);
    try {
      output.say(`${runId}: going on; what is done is found again. Ctrl-C interrupts.`);
      return await carryRun({ workplace, session, plan, outDir, output, again: true, signal });
    } finally {
      await session.close();
    }
  },
});

async function listResumable(workplace: Workplace, output: Output): Promise<number> {
  const runs = await listRuns(workplace, await peekStates(workplace));
  const open = runs.filter(({ state }) => state !== 'succeeded');
  if (output.json) output.document(open);
  else if (open.length === 0) output.say('Nothing to resume: no run was interrupted or failed.');
  else output.say(`${runTable(output, open)}\n\nlcoms resume ID goes on with one of them.`);
  return 0;
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms resume', 'list what can be resumed'],
    ['lcoms resume quickstart-20260102-030405-abcd', 'go on; finished steps are found again'],
  ],
  notes: [
    'A training goes on from its newest checkpoint, with the same result as without the interruption.',
    'Of a run that has succeeded, the results are written again.',
  ],
};
