import { defineCommand } from 'citty';
import { listRuns, runTable } from './run-list.js';
import { peekStates } from './server-peek.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'ls', description: 'List the runs, newest first' },
  args: JSON_OPTION,
  run: async ({ data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const runs = await listRuns(workplace, await peekStates(workplace));
    if (output.json) output.document(runs);
    else if (runs.length === 0)
      output.say(`No runs yet in ${workplace.store.store.describe()}. lcoms run SPEC starts one.`);
    else output.say(runTable(output, runs));
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms ls', 'runs of this home'],
    ["lcoms ls --json | jq -r '.[0].runId'", 'id of the newest'],
  ],
  notes: ['Times are UTC. A run is `running` only while a server really has it open, `interrupted` otherwise.'],
};
