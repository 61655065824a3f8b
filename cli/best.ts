import { defineCommand } from 'citty';
import { readStatus } from '../activities/run-files.js';
import { LcomsError } from '../schemas/errors.js';
import { oneOf } from './option-values.js';
import { type Output, table } from './output.js';
import { allMetrics, loadRun, type Metrics } from './run-facts.js';
import { FILTER_OPTIONS, limitOf, runFilter } from './run-filters.js';
import { colouredState, type ListedRun, listRuns, timeText } from './run-list.js';
import { peekStates } from './server-peek.js';
import { didYouMean } from './usage.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace, type Workplace } from './workplace.js';

/** Runs shown unless --limit says otherwise. */
const SHOWN = 10;
/** Names that an error lists. */
const NAMES_SHOWN = 30;
/** Newest runs that are asked for them. */
const RUNS_ASKED = 20;
const AT_ONCE = 16;
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
    const ranked: Ranked[] = [];
    const next = runs[Symbol.iterator]();
    const reader = async (): Promise<void> => {
      for (const run of next) {
        const value = await metricOf(workplace, run.runId, args.metric as string);
        if (typeof value === 'number') ranked.push({ ...run, value });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reader));
    if (ranked.length === 0) await refuseUnknown(workplace, args.metric, runs);
    // Of one value the newest first, as they are listed.
    const place = new Map(runs.map(({ runId }, i) => [runId, i]));
    ranked.sort(
      (a, b) =>
        (goal === 'max' ? b.value - a.value : a.value - b.value) ||
        (place.get(a.runId) ?? 0) - (place.get(b.runId) ?? 0),
    );
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

/** A metric of the report, or of the node before the colon: one status and one manifest are read for it. */
async function metricOf({ store }: Workplace, runId: string, metric: string): Promise<Metrics[string] | undefined> {
  const colon = metric.indexOf(':');
  const nodes = (await readStatus(store.store, runId))?.nodes ?? [];
  const node =
    colon < 0
      ? nodes.filter(({ step }) => step === 'report').at(-1)
      : nodes.find(({ id }) => id === metric.slice(0, colon));
  const manifest = node?.key ? await store.findCommitted(node.key) : null;
  return manifest?.metrics[metric.slice(colon + 1)];
}

/** Throws LCOMS_E_NOT_FOUND with the metrics that the newest of the runs have, unless they have none at all. */
async function refuseUnknown(workplace: Workplace, given: string, runs: readonly ListedRun[]): Promise<void> {
  const names = new Set<string>();
  for (const { runId } of runs.slice(0, RUNS_ASKED))
    for (const [name, value] of Object.entries(allMetrics(await loadRun(workplace, runId))))
      if (typeof value === 'number') names.add(name);
  if (names.size === 0) return;
  const own = [...names].filter((name) => !name.includes(':'));
  const shown = (own.length > 0 ? own : [...names]).sort();
  throw new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `none of ${runs.length} runs has a metric "${given}".${didYouMean(given, [...names])} ` +
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
