import { defineCommand } from 'citty';
import { LcomsError } from '../schemas/errors.js';
import { oneOf } from './option-values.js';
import { type Output, table } from './output.js';
import { allMetrics, loadRun, type Metrics } from './run-facts.js';
import { FILTER_OPTIONS, limitOf, runFilter } from './run-filters.js';
import { colouredState, type ListedRun, listRuns, timeText } from './run-list.js';
import { peekStates } from './server-peek.js';
import { nearest } from './usage.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Runs shown unless --limit says otherwise. */
const SHOWN = 10;
/** Names that an error lists. */
const NAMES_SHOWN = 30;
/** Metrics of which less is better, by their names. */
const LESS_IS_BETTER = /loss|total|mse|rmse|mae|rms\b|error|median|energy|refused|flagged|seconds/i;

interface Ranked extends ListedRun {
  value: number;
}

const command = defineCommand({
  meta: { name: 'best', description: 'Rank runs by a metric' },
  args: {
    metric: {
      type: 'string',
      valueHint: 'NAME',
      description: 'of the report, e.g. lcom.hit10; or of a node, e.g. encoder:loss',
    },
    goal: {
      type: 'string',
      valueHint: 'max|min',
      description: 'default: min for losses, errors, energies and times, else max',
    },
    ...FILTER_OPTIONS,
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const keep = runFilter(args);
    const limit = args.limit === undefined ? SHOWN : limitOf(args);
    if (args.metric === undefined)
      throw new LcomsError('LCOMS_E_USAGE', '--metric is missing: the name of a metric, e.g. --metric lcom.hit10', {
        hint: '`lcoms show ID` prints the metrics of a run.',
      });
    const goal = oneOf('goal', args.goal, ['max', 'min'], LESS_IS_BETTER.test(args.metric) ? 'min' : 'max');
    const workplace = openWorkplace();
    const runs = (await listRuns(workplace, await peekStates(workplace))).filter(keep);
    const names = new Set<string>();
    const ranked: Ranked[] = [];
    for (const run of runs) {
      const metrics: Metrics = allMetrics(await loadRun(workplace, run.runId));
      for (const [name, value] of Object.entries(metrics)) if (typeof value === 'number') names.add(name);
      const value = metrics[args.metric];
      if (typeof value === 'number') ranked.push({ ...run, value });
    }
    if (ranked.length === 0 && names.size > 0) throw unknownMetric(args.metric, runs.length, [...names]);
    // Runs of one value: the newest first, as they are listed.
    ranked.sort((a, b) => (goal === 'max' ? b.value - a.value : a.value - b.value));
    const shown = ranked.slice(0, limit);
    if (output.json) output.document(shown);
    else if (shown.length === 0) output.say(`None of the ${runs.length} runs has metrics yet.`);
    else {
      output.say(rankTable(output, args.metric, shown));
      output.say(`\n${goal === 'max' ? 'highest' : 'lowest'} first; ${ranked.length} of ${runs.length} runs have it`);
    }
    return 0;
  },
});

function unknownMetric(given: string, runs: number, names: readonly string[]): LcomsError {
  const own = names.filter((name) => !name.includes(':'));
  const shown = (own.length > 0 ? own : [...names]).sort();
  const meant = nearest(given, names);
  return new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `none of ${runs} runs has a metric "${given}".${meant === null ? '' : ` Did you mean ${meant}?`} ` +
      `There are ${shown.slice(0, NAMES_SHOWN).join(', ')}${shown.length > NAMES_SHOWN ? ', ...' : ''}`,
    { hint: '`lcoms show ID` prints the metrics of a run; those of a node are called node:name.' },
  );
}

function rankTable(output: Output, metric: string, runs: readonly Ranked[]): string {
  const head = ['run', metric, 'state', 'started'].map((title) => output.style('bold', title));
  return table(
    [
      head,
      ...runs.map(({ runId, value, state, startedAt }) => [
        runId,
        Number.isInteger(value) ? String(value) : value.toPrecision(6),
        colouredState(output, state),
        timeText(startedAt),
      ]),
    ],
    [1],
  );
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms best --metric lcom.hit10', 'runs with most compounds within 10 meV/atom'],
    ["lcoms best --metric surrogate:validationMse --name 'tau-*'", 'lowest validation loss among these'],
    ["lcoms best --metric lcom.match1 --limit 1 --json | jq -r '.[0].runId'", 'id of the best'],
  ],
};
