import { defineCommand } from 'citty';
import { isPauseMarked, readPlan, readStatus, unmarkPause } from '../activities/run-files.js';
import { keepTrial } from '../activities/sweep/sweep-files.js';
import type { SweepPlan } from '../schemas/sweep.js';
import { carryRun } from './carry-run.js';
import { carrySweep } from './carry-sweep.js';
import { finishSucceeded } from './finish.js';
import { interruptSignal } from './interrupt.js';
import type { Output } from './output.js';
import { assertReplaceable } from './results.js';
import { outDirOf } from './run-home.js';
import { knownRun, RUN_ARGUMENT, sweepNamed } from './run-id.js';
import { listRuns, runTable } from './run-list.js';
import { peekStates } from './server-peek.js';
import { Session } from './session.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

/** Milliseconds that a run under way gets to pause before it is gone on with as it is. */
const LONGEST_PAUSE = 75_000;

const command = defineCommand({
  meta: { name: 'resume', description: 'Go on with a run or a sweep that was interrupted or failed' },
  args: {
    id: {
      type: 'positional',
      required: false,
      description: `${RUN_ARGUMENT}; or a sweep; without it, what can be resumed is listed`,
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    if (args.id === undefined) return await listResumable(workplace, output);
    const sweep = await sweepNamed(workplace.store.store, args.id);
    if (sweep) return await resumeSweep(workplace, sweep, output);
    return await goOn(workplace, await knownRun(workplace, args.id), output);
  },
});

/** Brings a run to its end, from where it stands; of one that has succeeded, writes the results again. */
export async function goOn(workplace: Workplace, runId: string, output: Output): Promise<number> {
  const plan = await readPlan(workplace.store.store, runId);
  const status = await readStatus(workplace.store.store, runId);
  const outDir = outDirOf(workplace.home, runId);
  if (status?.state === 'succeeded') {
    output.say(`${runId} has succeeded already; its results are written again.`);
    return await finishSucceeded(workplace, output, plan, status.nodes, outDir);
  }
  if (plan.trial?.prune) await keepTrial(workplace.store.store, plan.trial);
  assertReplaceable(outDir);
  const signal = interruptSignal(output);
  const session = await Session.open(workplace, output);
  try {
    await waitWhilePausing(workplace, session, runId, output);
    output.say(`${runId}: going on; what is done is found again. Ctrl-C interrupts.`);
    return await carryRun({ workplace, session, plan, outDir, output, again: true, signal });
  } finally {
    await session.close();
  }
}

/** A run that was asked to pause may still be at it: then its checkpoints are worth the wait. Takes the mark away. */
async function waitWhilePausing(
  { store }: Workplace,
  { client }: Session,
  runId: string,
  output: Output,
): Promise<void> {
  if (!(await isPauseMarked(store.store, runId))) return;
  if ((await client.state(runId)) === 'running') {
    const ready = output.waiting('waiting for the pause');
    const signal = AbortSignal.timeout(LONGEST_PAUSE);
    await client.result(runId, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    ready();
  }
  await unmarkPause(store.store, runId);
}

async function resumeSweep(workplace: Workplace, plan: SweepPlan, output: Output): Promise<number> {
  const outDir = outDirOf(workplace.home, plan.sweepId);
  assertReplaceable(outDir);
  return await carrySweep({ workplace, plan, outDir, output, signal: interruptSignal(output) });
}

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
    'A sweep tries what failed again and goes on; a trial that it pruned goes on when it is named itself.',
  ],
};
