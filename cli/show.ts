import { defineCommand } from 'citty';
import { stringify } from 'yaml';
import type { NodeMetrics } from '../activities/metrics/read-metrics.js';
import { machineText } from '../lib/machine.js';
import type { RunEnvironment } from '../schemas/environment.js';
import { renderError } from './errors.js';
import { duration, type Output, table } from './output.js';
import { backendsOf, loadRun, type Metrics, type RunFacts, recordedMetrics, reportMetrics } from './run-facts.js';
import { outDirOf } from './run-home.js';
import { knownRun, matchingSweep, RUN_ARGUMENT } from './run-id.js';
import { timeText } from './run-list.js';
import { peekNodes, peekStates, shownState, withLive } from './server-peek.js';
import { showSweep } from './show-sweep.js';
import { mainMetric, seriesOf, sparkline } from './sparkline.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const command = defineCommand({
  meta: { name: 'show', description: 'Show a run: its nodes, metrics, errors and spec; or a sweep: its trials' },
  args: { id: { type: 'positional', required: true, description: `${RUN_ARGUMENT}; or a sweep` }, ...JSON_OPTION },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const workplace = openWorkplace();
    const sweep = await matchingSweep(workplace.store.store, args.id);
    if (sweep) return await showSweep(workplace, sweep, output);
    const runId = await knownRun(workplace, args.id);
    const facts = await loadRun(workplace, runId);
    const recorded = await recordedMetrics(workplace, facts);
    const { plan, status, manifests } = facts;
    const live = await peekStates(workplace);
    const state = shownState(status?.state ?? null, live.get(runId));
    const under = state === 'running' || state === 'stale' ? await peekNodes(workplace, runId) : [];
    const nodes = facts.nodes.map((node) => withLive(node, under));
    const startedAt = status?.startedAt ?? plan.createdAt;
    const { name, spec, specFile, lcoms, plugins } = plan;
    const outDir = outDirOf(workplace.home, runId);
    const metrics = reportMetrics(facts);
    const backends = backendsOf(manifests);
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
        nodes: nodes.map((node) => ({
          ...node,
          metrics: manifests.get(node.id)?.metrics ?? null,
          attempts: attemptsOf(recorded.get(node.id)),
        })),
        error: status?.error ?? null,
        metrics,
        plugins,
        environment: plan.environment ?? null,
        backends,
      });
      return 0;
    }
    output.say(
      table([
        ['run', runId],
        ['state', state],
        ['started', `${timeText(startedAt)} UTC`],
        ['took', status ? duration(status.seconds) : '-'],
        ['results', outDir],
        ['lcoms', lcoms],
        ['plugins', plugins.map(({ id, version }) => `${id}@${version}`).join(', ')],
        ...(plan.environment ? environmentRows(plan.environment) : []),
        ...backends.map((backend) => ['backend', backend]),
      ]),
    );
    output.say(`\n${nodeTable(output, facts)}`);
    const curves = curveTable(output, recorded);
    if (curves !== '') output.say(`\n${curves}`);
    if (Object.keys(metrics).length > 0) output.say(`\n${metricTable(output, metrics)}`);
    for (const { id, error, note } of nodes) {
      if (note) output.say(`\nnode ${id}: ${note}`);
      if (error)
        output.say(
          `\n${renderError(output, { ...error, where: `node ${id}${error.where ? `: ${error.where}` : ''}` })}`,
        );
    }
    output.say(`\n${output.style('bold', 'spec')}\n${stringify(spec, { flowCollectionPadding: false }).trimEnd()}`);
    return 0;
  },
});

/** The attempts that left a record: how far each came, from where, and how it ended. */
function attemptsOf(recorded: NodeMetrics | undefined): object[] {
  return (recorded?.attempts ?? []).map(({ attempt, startedAt, resumedFrom, rows, end }) => ({
    attempt,
    startedAt,
    resumedFrom,
    reported: rows.length,
    last: rows.at(-1) ?? null,
    end,
  }));
}

function environmentRows({ machine, node, git, lockFile }: RunEnvironment): string[][] {
  return [
    ['machine', `${machineText(machine)}, ${machine.memory} GiB, ${machine.os}, Node ${node}`],
    ...(git ? [['git', `${git.commit?.slice(0, 12) ?? 'no commit yet'}${git.dirty ? ', with changes' : ''}`]] : []),
    ...(lockFile ? [['packages', `${lockFile.name} ${lockFile.digest.slice(0, 12)}`]] : []),
  ];
}

function nodeTable(output: Output, { nodes }: RunFacts): string {
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

/** What was reported along the way: a line a node. */
function curveTable(output: Output, recorded: ReadonlyMap<string, NodeMetrics>): string {
  const rows = [...recorded.values()].flatMap(({ node, rows, attempts }) => {
    const name = mainMetric(rows);
    if (name === null) return [];
    const last = rows.at(-1) as Record<string, number | null>;
    const others = Object.entries(last).filter(([key, value]) => !['step', name].includes(key) && value !== null);
    return [
      [
        node,
        attempts.length > 1 ? `${attempts.length} attempts` : '',
        `step ${last['step']}`,
        `${name} ${digits(last[name] ?? null)}`,
        sparkline(seriesOf(rows, name)),
        output.style(
          'dim',
          others
            .map(([key, value]) => `${key} ${digits(value)}`)
            .slice(0, 4)
            .join('  '),
        ),
      ],
    ];
  });
  return rows.length === 0 ? '' : `${output.style('bold', 'reported along the way')}\n${table(rows)}`;
}

/** Metrics called `method.name` as a column a method, any others a line each. */
function metricTable(output: Output, metrics: Metrics): string {
  const cells = Object.entries(metrics).map(([name, value]) => {
    const at = name.indexOf('.');
    const text = typeof value === 'number' ? digits(value) : String(value ?? '-');
    return { method: at < 0 ? '' : name.slice(0, at), name: name.slice(at + 1), text };
  });
  const methods = [...new Set(cells.map(({ method }) => method))];
  const names = [...new Set(cells.map(({ name }) => name))];
  const rows = names.map((name) => [
    name,
    ...methods.map((method) => cells.find((cell) => cell.method === method && cell.name === name)?.text ?? ''),
  ]);
  return table(
    [[output.style('bold', 'report'), ...methods], ...rows],
    methods.map((_, i) => i + 1),
  );
}

function digits(value: number | null): string {
  return value === null ? 'not finite' : Number.isInteger(value) ? String(value) : value.toPrecision(5);
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms show last', 'nodes with their state, times, artifacts and metrics'],
    ["lcoms show ID --json | jq '.nodes[] | select(.error)'", 'what failed'],
  ],
};
