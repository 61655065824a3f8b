import { defineCommand } from 'citty';
import { oneOf } from './option-values.js';
import { FILTER_OPTIONS, limitOf, runFilter } from './run-filters.js';
import { type ListedRun, listRuns, runTable } from './run-list.js';
import { peekStates } from './server-peek.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Ascending; `started` and `took` are turned around, since the newest and the longest are looked for. */
const ORDERS = {
  started: (a: ListedRun, b: ListedRun) => Date.parse(b.startedAt) - Date.parse(a.startedAt),
  took: (a: ListedRun, b: ListedRun) => (b.seconds ?? -1) - (a.seconds ?? -1),
  name: (a: ListedRun, b: ListedRun) => a.name.localeCompare(b.name, 'en'),
  state: (a: ListedRun, b: ListedRun) => a.state.localeCompare(b.state, 'en'),
} as const;
const ORDER_NAMES = Object.keys(ORDERS) as (keyof typeof ORDERS)[];

const command = defineCommand({
  meta: { name: 'ls', description: 'List the runs, newest first' },
  args: {
    ...FILTER_OPTIONS,
    sort: {
      type: 'string',
      valueHint: 'ORDER',
      description: `${ORDER_NAMES.join(', ')} (default started: newest first)`,
    },
    reverse: { type: 'boolean', description: 'the other way round' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const keep = runFilter(args);
    const limit = limitOf(args);
    const order = ORDERS[oneOf('sort', args.sort, ORDER_NAMES, 'started')];
    const workplace = openWorkplace();
    const all = await listRuns(workplace, await peekStates(workplace));
    const sorted = all.filter(keep).sort(order);
    if (args.reverse) sorted.reverse();
    const runs = sorted.slice(0, limit);
    if (output.json) output.document(runs);
    else if (all.length === 0)
      output.say(`No runs yet in ${workplace.store.store.describe()}. lcoms run SPEC starts one.`);
    else if (runs.length === 0) output.say(`None of the ${all.length} runs is such a one.`);
    else {
      output.say(runTable(output, runs));
      if (runs.length < all.length) output.say(`\n${runs.length} of ${all.length} runs`);
    }
    return 0;
  },
});

export const verb: Verb = {
  command,
  examples: [
    ['lcoms ls', 'runs of this home'],
    ['lcoms ls --state failed,interrupted --since 7d', 'what did not end well this week'],
    ["lcoms ls --name 'tau-*' --sort took --limit 5", 'the five that took longest'],
    ["lcoms ls --json | jq -r '.[0].runId'", 'id of the newest'],
  ],
  notes: [
    'Times are UTC. A run is `running` only while a server really has it open, `interrupted` otherwise.',
    'Wherever a run is asked for, the beginning of its id is enough, and `last` is the newest.',
  ],
};
