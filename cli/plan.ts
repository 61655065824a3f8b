import { defineCommand } from 'citty';
import { type NodePreview, planNodes, pluginsOf, previewNodes } from '../activities/dag/plan-run.js';
import { isSweepFile } from '../activities/sweep/load-sweep.js';
import { warnOfCpuBudgets } from './cpu-budgets.js';
import { type Output, table } from './output.js';
import { planSweep } from './plan-sweep.js';
import { groupOf } from './progress.js';
import { readSpec, SPEC_OPTIONS } from './spec.js';
import { warnOfTestOnly } from './test-only.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry, openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'plan', description: 'Show what a run would do and what is there already; runs nothing' },
  args: {
    spec: { type: 'positional', required: true, description: 'experiment or sweep, YAML or JSON' },
    ...SPEC_OPTIONS,
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    if (isSweepFile(args.spec)) return await planSweep(args.spec, args.data, repeated('set'), output);
    const { spec, file } = readSpec(args.spec, args.data, repeated('set'));
    const registry = await openRegistry();
    const nodes = await planNodes(spec, registry, file, null);
    warnOfTestOnly(output, pluginsOf(nodes, registry));
    warnOfCpuBudgets(output, nodes);
    const previews = await previewNodes(nodes, openWorkplace().store);
    if (output.json) {
      output.document({ nodes: previews.map(({ state, ...preview }) => ({ ...preview, status: state })) });
      return 0;
    }
    const hits = previews.filter(({ state }) => state === 'hit').length;
    output.say(planTable(output, previews));
    output.say(`\n${previews.length} nodes: ${hits} there already, ${previews.length - hits} to run.`);
    return 0;
  },
});

const NEEDS_SHOWN = 4;

/** A line a shared node, a line a fan-out. */
function planTable(output: Output, previews: readonly NodePreview[]): string {
  const groups = new Map<string, NodePreview[]>();
  for (const preview of previews) {
    const id = groupOf(preview.id);
    groups.set(id, [...(groups.get(id) ?? []), preview]);
  }
  const rows = [...groups].map(([id, members]) => {
    const [first] = members as [NodePreview, ...NodePreview[]];
    const hits = members.filter(({ state }) => state === 'hit').length;
    const hit = hits === members.length;
    const status =
      members.length === 1 || hit || hits === 0 ? (hit ? 'hit' : 'miss') : `${hits} of ${members.length} hit`;
    const miss = members.find(({ state }) => state === 'miss') ?? first;
    const needs = shortened([...new Set(Object.values(first.needs).flat().map(groupOf))]);
    return [
      id,
      members.length === 1 ? '' : `x ${members.length}`,
      output.style(hit ? 'green' : 'yellow', status),
      first.plugin ?? '-',
      needs || '-',
      hit ? first.why : miss.why,
    ];
  });
  const head = ['node', '', 'status', 'plugin', 'needs', 'why'].map((title) => output.style('bold', title));
  return table([head, ...rows]);
}

/** Names that a column has room for, and how many more there are. */
function shortened(names: readonly string[]): string {
  const more = names.length - NEEDS_SHOWN;
  return more > 1 ? `${names.slice(0, NEEDS_SHOWN).join(', ')} and ${more} more` : names.join(', ');
}

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms plan experiments/quickstart.yaml', 'every step: hit or miss, and why'],
    ['lcoms plan my.yaml --set surrogate.with.tau=0.5', 'which steps a change makes anew'],
    ['lcoms plan my-sweep.yaml', 'trials of a sweep, what they share, what is there already, CPU time'],
    ['lcoms plan my.yaml --json | jq \'.nodes[] | select(.status == "miss").id\'', 'what would run'],
  ],
  notes: ['Starts no server and writes nothing.'],
};
