import { defineCommand } from 'citty';
import { stringify } from 'yaml';
import { readPlan, readStatus } from '../activities/run-files.js';
import { readSweepPlan } from '../activities/sweep/sweep-files.js';
import type { NodeRecord, RunPlan } from '../schemas/run.js';
import { renderError } from './errors.js';
import { duration, type Output, table } from './output.js';
import { knownRun } from './resume.js';
import { outDirOf } from './run-home.js';
import { peekStates, shownState } from './server-peek.js';
import { showSweep } from './show-sweep.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'show', description: 'Show a run: its nodes, errors and spec; or a sweep: its trials' },
  args: {
    id: { type: 'positional', required: true, description: 'run or sweep; lcoms ls lists them' },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const sweep = await readSweepPlan(workplace.store.store, args.id).catch(() => null);
    if (sweep) return await showSweep(workplace, sweep, output);
    const runId = await knownRun(workplace, args.id);
    const plan = await readPlan(workplace.store.store, runId);
    const status = await readStatus(workplace.store.store, runId);
    const live = await peekStates(workplace);
    const state = shownState(status?.state ?? null, live.get(runId));
    const nodes = withPlanned(plan, status?.nodes ?? []);
    const startedAt = status?.startedAt ?? plan.createdAt;
    const { name, spec, specFile, lcoms, plugins } = plan;
    const outDir = outDirOf(workplace.home, runId);
    if (output.json) {
      output.document({
        runId,
        name,
        state,
        startedAt,
        seconds: status?.seconds ?? null,
        outDir,
        lcoms,
        specFile,
        spec,
        nodes,
        error: status?.error ?? null,
        plugins,
      });
      return 0;
    }
    output.say(
      table([
        ['run', runId],
        ['state', state],
        ['started', `${startedAt.replace('T', ' ').slice(0, 19)} UTC`],
        ['took', status ? duration(status.seconds) : '-'],
        ['results', outDir],
        ['lcoms', lcoms],
        ['plugins', plugins.map(({ id, version }) => `${id}@${version}`).join(', ')],
      ]),
    );
    output.say(`\n${nodeTable(output, nodes)}`);
    for (const { id, error } of nodes) {
      if (error)
        output.say(
          `\n${renderError(output, { ...error, where: `node ${id}${error.where ? `: ${error.where}` : ''}` })}`,
        );
    }
    output.say(`\n${output.style('bold', 'spec')}\n${stringify(spec, { flowCollectionPadding: false }).trimEnd()}`);
    return 0;
  },
});

/** What was never recorded is queued. */
function withPlanned(plan: RunPlan, recorded: readonly NodeRecord[]): NodeRecord[] {
  const byId = new Map(recorded.map((node) => [node.id, node]));
  return plan.nodes.map(
    ({ id, step }) =>
      byId.get(id) ?? { id, step, state: 'queued', key: null, attempt: 0, seconds: null, artifact: null, error: null },
  );
}

function nodeTable(output: Output, nodes: readonly NodeRecord[]): string {
  const head = ['node', 'state', 'attempt', 'seconds', 'artifact', 'bytes', 'key'].map((t) => output.style('bold', t));
  const rows = nodes.map(({ id, state, attempt, seconds, artifact, key }) => [
    id,
    state,
    String(attempt),
    seconds === null ? '-' : seconds.toFixed(2),
    artifact?.digest.slice(0, 12) ?? '-',
    artifact === null ? '-' : String(artifact.bytes),
    key?.slice(0, 12) ?? '-',
  ]);
  return table([head, ...rows], [2, 3, 5]);
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms show quickstart-20260102-030405-abcd', 'nodes with their state, times and artifacts'],
    ["lcoms show ID --json | jq '.nodes[] | select(.error)'", 'what failed'],
  ],
};
