import type { ComparedNode } from './compare-runs.js';
import { renderError } from './errors.js';
import { type Difference, shortText } from './flatten.js';
import { type Output, table } from './output.js';
import type { RunFacts } from './run-facts.js';

/** A run beside the same run made again. */
export interface Reproduced {
  same: boolean;
  runId: string;
  record: string[];
  surroundings: Difference[];
  nodes: ComparedNode[];
  notCompared: string[];
  error: { code: string; message: string } | null;
}

/** Says what is the same, what is not, and why, for people. */
export function printReproduced(output: Output, found: Reproduced, recorded: RunFacts): void {
  const { same, runId, record, surroundings, nodes, notCompared, error } = found;
  output.say(`\n${output.style('bold', `${runId}, made again`)}`);
  output.say(
    table(
      nodes.map((node) => [
        node.id,
        colour(output, node.verdict),
        node.recorded.slice(0, 12),
        node.remade?.slice(0, 12) ?? '-',
      ]),
    ),
  );
  for (const line of record) output.say(`\n${output.style('red', line)}`);
  if (surroundings.length > 0) {
    output.say(`\n${output.style('bold', 'not as it was')}`);
    output.say(
      table([
        ['', 'then', 'now'],
        ...surroundings.map(({ path: what, a, b }) => [what, String(a ?? '-'), String(b ?? '-')]),
      ]),
    );
  }
  for (const { id, damage } of nodes)
    if (damage !== null) output.say(`\n${id}: the recorded result is damaged: ${damage}`);
  // What follows a node that differs differs with it: the first ones say why.
  const first = firstDiffering(nodes, recorded);
  for (const { id, identity, files } of first) {
    output.say(`\n${output.style('bold', id)}`);
    if (identity.length > 0)
      output.say(
        table([
          ['  key', 'then', 'now'],
          ...identity.map(({ path: what, a, b }) => [`  ${what}`, shortText(a), shortText(b)]),
        ]),
      );
    for (const file of files) output.say(`  ${fileText(file)}`);
  }
  if (error) output.say(`\n${renderError(output, error)}`);
  if (notCompared.length > 0) output.say(`\nnot compared, never made: ${notCompared.join(', ')}`);
  const count = nodes.filter(({ verdict }) => verdict === 'same').length;
  output.say(
    `\n${same ? output.style('green', `the same: ${count} artifacts, byte for byte`) : output.style('red', `not the same: ${count} of ${nodes.length} artifacts are`)}`,
  );
}

function firstDiffering(nodes: readonly ComparedNode[], { plan }: RunFacts): ComparedNode[] {
  const different = new Map(nodes.filter(({ verdict }) => verdict !== 'same').map((node) => [node.id, node]));
  const needs = new Map(plan.nodes.map((node) => [node.id, Object.values(node.needs).flat()]));
  return [...different.values()].filter(
    ({ id, verdict }) =>
      verdict === 'differs' && !needs.get(id)?.some((from) => different.get(from)?.verdict === 'differs'),
  );
}

function fileText({
  name,
  by,
  numbers,
  differing,
  largestAbsolute,
  largestRelative,
  at,
  other,
}: ComparedNode['files'][number]): string {
  const words = other.length === 0 ? '' : `; other than numbers: ${other.join(', ')}`;
  if (by === 'bytes') return `${name}: ${other.join(', ') || 'differs'}`;
  if (differing === 0) return `${name}: its ${numbers} numbers are equal${words}`;
  const most = `largest difference ${largestAbsolute.toExponential(2)} at ${at}, relative ${largestRelative.toExponential(2)}`;
  return `${name}: ${differing} of ${numbers} numbers differ, ${most}${words}`;
}

function colour(output: Output, verdict: ComparedNode['verdict']): string {
  return output.style(verdict === 'same' ? 'green' : 'red', verdict);
}
