import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineCommand } from 'citty';
import { recordEnvironment } from '../activities/provenance/run-environment.js';
import { writePlan } from '../activities/run-files.js';
import { hashJson } from '../lib/hashing/sha256.js';
import { LCOMS_VERSION } from '../lib/version.js';
import { LcomsError } from '../schemas/errors.js';
import type { RunPlan } from '../schemas/run.js';
import { startWorkflow } from './carry-run.js';
import { type ComparedNode, compareNodes, surroundingDifferences } from './compare-runs.js';
import { INTERRUPTED, renderError } from './errors.js';
import { type Difference, shortText } from './flatten.js';
import { interruptSignal } from './interrupt.js';
import { type Output, table } from './output.js';
import { loadRun, type RunFacts } from './run-facts.js';
import { knownRun, RUN_ARGUMENT } from './run-id.js';
import { Session } from './session.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { watchRun } from './watch.js';
import { openRegistry, openWorkplace, type Workplace } from './workplace.js';

const DIFFERS = 4;

const command = defineCommand({
  meta: { name: 'reproduce', description: 'Make a run again from its record in an empty store, and compare' },
  args: {
    id: { type: 'positional', required: true, description: RUN_ARGUMENT },
    home: {
      type: 'string',
      valueHint: 'DIR',
      description: 'empty folder to make it in, which is kept; default: one that is removed',
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const recorded = await loadRun(workplace, await knownRun(workplace, args.id));
    const { plan } = recorded;
    if (recorded.nodes.every(({ artifact }) => artifact === null))
      throw new LcomsError('LCOMS_E_NOT_FOUND', `the run ${plan.runId} has made nothing yet that could be compared`);
    const home = args.home === undefined ? mkdtempSync(path.join(os.tmpdir(), 'lcoms-again-')) : emptyHome(args.home);
    const signal = interruptSignal(output);
    try {
      const elsewhere = openWorkplace({ ...process.env, LCOMS_HOME: home, LCOMS_STORE: undefined });
      const again = await planAgain(workplace, elsewhere, plan);
      const error = await makeAgain(elsewhere, again, output, signal);
      const remade = await loadRun(elsewhere, again.runId);
      const found = {
        runId: plan.runId,
        again: again.runId,
        home: args.home === undefined ? null : home,
        record:
          hashJson(plan.spec) === plan.specHash
            ? []
            : ['the spec in the record is not the one that was run: its hash differs'],
        surroundings: surroundingDifferences(recorded, remade),
        nodes: await compareNodes(recorded, workplace.store, remade, elsewhere.store),
        notCompared: recorded.nodes.filter(({ artifact }) => artifact === null).map(({ id }) => id),
        error,
      };
      const same = found.record.length === 0 && found.nodes.every(({ verdict }) => verdict === 'same');
      if (output.json) output.document({ same, ...found });
      else print(output, { same, ...found }, recorded);
      return same ? 0 : DIFFERS;
    } catch (error) {
      if (!signal.aborted) throw error;
      return INTERRUPTED;
    } finally {
      if (args.home === undefined) rmSync(home, { recursive: true, force: true });
    }
  },
});

function emptyHome(given: string): string {
  const home = path.resolve(given);
  if (existsSync(home) && (!statSync(home).isDirectory() || readdirSync(home).length > 0))
    throw new LcomsError('LCOMS_E_FILE', 'it is not empty: what is there could be taken for what is made', {
      file: home,
      hint: 'Give --home a new or empty folder.',
    });
  mkdirSync(home, { recursive: true });
  return home;
}

/** The run's nodes as a new run of an empty store, with the files that it was given. */
async function planAgain(from: Workplace, to: Workplace, plan: RunPlan): Promise<RunPlan> {
  const registry = await openRegistry();
  const used = new Set(plan.plugins.map(({ id }) => id));
  for (const { files } of plan.nodes)
    for (const file of Object.values(files)) await to.store.putBlob(file.name, await from.store.getBlob(file));
  const again: RunPlan = {
    ...plan,
    runId: `again-${randomBytes(4).toString('hex')}`,
    createdAt: new Date().toISOString(),
    lcoms: LCOMS_VERSION,
    plugins: registry.list().filter(({ id }) => used.has(id)),
    environment: await recordEnvironment(null),
  };
  await writePlan(to.store.store, again);
  return again;
}

/** Runs it to its end with a server and worker of its own. Returns what went wrong, null when nothing did. */
async function makeAgain(
  workplace: Workplace,
  plan: RunPlan,
  output: Output,
  signal: AbortSignal,
): Promise<{ code: string; message: string } | null> {
  const session = await Session.open(workplace, output);
  try {
    signal.throwIfAborted();
    await startWorkflow(session, plan, false);
    await session.work();
    const { outcome } = await watchRun(session, workplace, plan, output, signal);
    return outcome.state === 'failed' ? (outcome.error ?? { code: 'LCOMS_E_RUN_FAILED', message: 'it failed' }) : null;
  } finally {
    await session.close();
  }
}

interface Found {
  same: boolean;
  runId: string;
  record: string[];
  surroundings: Difference[];
  nodes: ComparedNode[];
  notCompared: string[];
  error: { code: string; message: string } | null;
}

function print(output: Output, found: Found, recorded: RunFacts): void {
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

export const verb: Verb = {
  command,
  examples: [
    ['lcoms reproduce last', 'made again in a folder that is removed afterwards'],
    ['lcoms reproduce ID --home again --json', 'kept in ./again; a document that says what differs'],
  ],
  notes: [
    'Exit code 0 when every artifact is the same byte for byte, 4 when one differs.',
    'Plugins are those of the configuration here; another version, backend or machine is said.',
  ],
};
