import { defineCommand } from 'citty';
import { digestsRead } from '../activities/dag/input-digests.js';
import { type NodeIdentity, nodeIdentity, nodeKey } from '../activities/dag/node-key.js';
import { planNodes, previewNodes } from '../activities/dag/plan-run.js';
import { readPlan } from '../activities/run-files.js';
import { allManifests } from '../lib/artifacts/manifests.js';
import type { NodeManifest } from '../schemas/artifact.js';
import type { PlannedNode } from '../schemas/node.js';
import { noSuchNode, RUN_OPTION } from './cache-nodes.js';
import { type Difference, differences, shortText } from './flatten.js';
import { table } from './output.js';
import { knownRun, LAST } from './run-id.js';
import { timeText } from './run-list.js';
import { readSpec, SPEC_OPTIONS } from './spec.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openRegistry, openWorkplace, type Workplace } from './workplace.js';

/** Stands for the digest of an input that is not made yet. */
const UNKNOWN = 'not made yet';

const command = defineCommand({
  meta: {
    name: 'cache explain',
    description: 'Say why a node is there already, or what its key differs in from what is',
  },
  args: {
    node: {
      type: 'positional',
      required: true,
      description: 'node as lcoms plan and lcoms show name it, e.g. encoder or start/MgO',
    },
    ...RUN_OPTION,
    spec: { type: 'string', valueHint: 'SPEC', description: 'of a spec that has not run, instead of a run' },
    ...SPEC_OPTIONS,
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output, repeated } = data as VerbData;
    const workplace = openWorkplace();
    const { where, nodes } =
      args.spec === undefined ? await ofRun(workplace, args.run) : await ofSpec(args.spec, args.data, repeated('set'));
    const node = nodes.find(({ id }) => id === args.node);
    if (!node)
      throw noSuchNode(
        where,
        args.node,
        nodes.map(({ id }) => id),
      );
    const found = await explain(workplace, nodes, node);
    if (output.json) {
      output.document(found);
      return 0;
    }
    const { key, status, waitsFor, committed, nearest } = found;
    output.say(
      status === 'hit'
        ? `${node.id} is there: key ${key?.slice(0, 12)}, made ${timeText(committed?.createdAt ?? '')}${committed?.run ? ` by ${committed.run}` : ''}.`
        : `${node.id} is not there${key === null ? '' : `: nothing has the key ${key.slice(0, 12)}`}.`,
    );
    if (waitsFor.length > 0) output.say(`Its inputs are not made either: ${waitsFor.join(', ')}; explain those first.`);
    if (nearest === null) {
      output.say(
        `${status === 'hit' ? 'Nothing else' : 'Nothing'} of the step ${node.step} has been committed${status === 'hit' ? ' before it' : ''}.`,
      );
      return 0;
    }
    const made = `${nearest.key.slice(0, 12)}, made ${timeText(nearest.createdAt)}${nearest.run ? ` by ${nearest.run}` : ''}`;
    output.say(`\nThe nearest ${status === 'hit' ? 'before it' : 'that is there'}: ${made}. What differs:`);
    const rows = nearest.differences.map(({ part, path, now, then }) => [
      part,
      path,
      shortText(then),
      '->',
      shortText(now),
    ]);
    output.say(table([['part', 'path', 'there', '', 'here'], ...rows]));
    return 0;
  },
});

async function ofRun(
  workplace: Workplace,
  given: string | undefined,
): Promise<{ where: string; nodes: PlannedNode[] }> {
  const runId = await knownRun(workplace, given ?? LAST);
  return { where: runId, nodes: (await readPlan(workplace.store.store, runId)).nodes };
}

async function ofSpec(
  given: string,
  data: string | undefined,
  sets: string[],
): Promise<{ where: string; nodes: PlannedNode[] }> {
  const { spec, file } = readSpec(given, data, sets);
  return { where: given, nodes: await planNodes(spec, await openRegistry(), file, null) };
}

interface ExplainedDifference {
  /** Which part of the key it is: options, plugin version, step version, seed, inputs, files, helpers. */
  part: string;
  path: string;
  now: unknown;
  then: unknown;
}

interface Explained {
  node: string;
  /** null while inputs are not made. */
  key: string | null;
  status: 'hit' | 'miss';
  waitsFor: string[];
  committed: { createdAt: string; run: string | null } | null;
  /** The committed result of the same step that differs least; of a hit, the one before it. */
  nearest: { key: string; createdAt: string; run: string | null; differences: ExplainedDifference[] } | null;
}

async function explain({ store }: Workplace, nodes: readonly PlannedNode[], node: PlannedNode): Promise<Explained> {
  const previews = new Map((await previewNodes(nodes, store)).map((preview) => [preview.id, preview]));
  const made = new Map<string, NodeManifest>();
  const needs = Object.values(node.needs).flat();
  for (const id of needs) {
    const { key, state } = previews.get(id) ?? { key: null, state: 'miss' };
    const manifest = key === null || state === 'miss' ? null : await store.findCommitted(key);
    if (manifest) made.set(id, manifest);
  }
  const waitsFor = needs.filter((id) => !made.has(id));
  const identity = nodeIdentity(
    node,
    digestsRead(node, (id) => made.get(id), UNKNOWN),
  );
  const key = waitsFor.length === 0 ? nodeKey(identity) : null;
  const all = await allManifests(store.store);
  const committed = all.find((manifest) => manifest.key === key) ?? null;
  const others = all.filter(
    (other) =>
      other.identity['step'] === node.step &&
      other.key !== key &&
      (committed === null || other.provenance.createdAt <= committed.provenance.createdAt),
  );
  const when = ({ provenance: { createdAt, run } }: NodeManifest) => ({ createdAt, run: run ?? null });
  const [best] = others
    .map((manifest) => ({ manifest, found: identityDifferences(identity, manifest.identity) }))
    // Of equally near ones the newest.
    .sort(
      (a, b) =>
        a.found.length - b.found.length || (a.manifest.provenance.createdAt < b.manifest.provenance.createdAt ? 1 : -1),
    );
  return {
    node: node.id,
    key,
    status: committed ? 'hit' : 'miss',
    waitsFor,
    committed: committed && when(committed),
    nearest: best ? { key: best.manifest.key, ...when(best.manifest), differences: best.found } : null,
  };
}

function identityDifferences(now: NodeIdentity, then: Record<string, unknown>): ExplainedDifference[] {
  return differences(now, then).map(({ path, a, b }: Difference) => ({ part: partOf(path), path, now: a, then: b }));
}

function partOf(path: string): string {
  if (path === 'stepVersion') return 'step version';
  if (/^(plugin|helpers\.[^.]+)\.cacheVersion$/.test(path)) return 'plugin version';
  if (/^(plugin|helpers\.[^.]+)\.id$/.test(path)) return 'plugin';
  if (/^(plugin\.|helpers\.[^.]+\.)?options\b/.test(path)) return 'options';
  return path.split('.')[0] ?? path;
}

export const verb: Verb = {
  command,
  repeatable: ['set'],
  examples: [
    ['lcoms cache explain encoder', 'why the newest run made its encoder anew, or what it found'],
    ['lcoms cache explain surrogate --spec my.yaml --set surrogate.with.tau=0.5', 'what a change would differ in'],
  ],
};
