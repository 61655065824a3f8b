import { defineCommand } from 'citty';
import type { RunEnvironment } from '../schemas/environment.js';
import { type Difference, differences, shortText } from './flatten.js';
import { type Output, table } from './output.js';
import { allMetrics, backendsOf, loadRun, type RunFacts } from './run-facts.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

/** Nodes that a table names. */
const NODES_SHOWN = 20;

const command = defineCommand({
  meta: { name: 'diff', description: 'Say how two runs differ: spec, environment, metrics, artifacts' },
  args: {
    a: { type: 'positional', required: true, description: RUN_ARGUMENT },
    b: { type: 'positional', required: true, description: 'the other run' },
    all: { type: 'boolean', description: 'metrics of every node too, not of the reports alone' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const [first, second] = [await knownRun(workplace, args.a), await knownRun(workplace, args.b)];
    const a = await loadRun(workplace, first);
    const b = await loadRun(workplace, second);
    const found = {
      a: first,
      b: second,
      spec: differences(a.plan.spec, b.plan.spec),
      environment: differences(environmentOf(a), environmentOf(b)),
      metrics: differences(allMetrics(a), allMetrics(b)).filter(({ path }) => args.all || !path.includes(':')),
      artifacts: artifactDifferences(a, b),
    };
    if (output.json) output.document(found);
    else print(output, found);
    return 0;
  },
});

interface ArtifactDifference {
  node: string;
  /** null where the run has none of that node. */
  a: string | null;
  b: string | null;
  same: boolean;
}

function artifactDifferences(a: RunFacts, b: RunFacts): ArtifactDifference[] {
  const digests = ({ nodes }: RunFacts) => new Map(nodes.map(({ id, artifact }) => [id, artifact?.digest ?? null]));
  const left = digests(a);
  const right = digests(b);
  return [...new Set([...left.keys(), ...right.keys()])].map((node) => {
    const [one, other] = [left.get(node) ?? null, right.get(node) ?? null];
    return { node, a: one, b: other, same: one !== null && one === other };
  });
}

/** What else than the spec a result may depend on; plugins by id. */
export function environmentOf({ plan, manifests }: RunFacts): object {
  const environment: Partial<RunEnvironment> = plan.environment ?? {};
  return {
    lcoms: plan.lcoms,
    ...environment,
    git: environment.git ? { ...environment.git, diff: undefined } : null,
    backends: backendsOf(manifests),
    plugins: Object.fromEntries(
      plan.plugins.map(({ id, version, cacheVersion }) => [id, `${version} (${cacheVersion})`]),
    ),
  };
}

interface Found {
  a: string;
  b: string;
  spec: Difference[];
  environment: Difference[];
  metrics: Difference[];
  artifacts: ArtifactDifference[];
}

function print(output: Output, { a, b, spec, environment, metrics, artifacts }: Found): void {
  output.say(`a  ${a}\nb  ${b}`);
  for (const [title, found] of Object.entries({ spec, environment, metrics })) {
    output.say(`\n${output.style('bold', title)}${found.length === 0 ? ': no difference' : ''}`);
    if (found.length > 0)
      output.say(table([['', 'a', 'b'], ...found.map((each) => [each.path, shortText(each.a), shortText(each.b)])]));
  }
  const other = artifacts.filter(({ same }) => !same);
  const same = artifacts.length - other.length;
  output.say(`\n${output.style('bold', 'artifacts')}: ${same} of ${artifacts.length} the same`);
  if (other.length === 0) return;
  const short = (digest: string | null): string => digest?.slice(0, 12) ?? '-';
  output.say(
    table([['', 'a', 'b'], ...other.slice(0, NODES_SHOWN).map((each) => [each.node, short(each.a), short(each.b)])]),
  );
  if (other.length > NODES_SHOWN) output.say(`... and ${other.length - NODES_SHOWN} more; --json has all`);
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms diff last quickstart-20260102', 'two runs side by side'],
    ['lcoms diff A B --json | jq .metrics', 'the metrics that differ'],
  ],
};
