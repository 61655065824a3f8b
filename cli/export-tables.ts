import type { NodeMetrics } from '../activities/metrics/read-metrics.js';
import { environmentOf } from './diff.js';
import { flatten } from './flatten.js';
import { type RunFacts, reportMetrics } from './run-facts.js';
import type { ListedRun } from './run-list.js';

export type Cell = number | string | boolean | null;
export type Row = Record<string, Cell>;

/** A run with what is needed to write any of the tables. */
export interface ExportedRun {
  listed: ListedRun;
  facts: RunFacts;
  recorded: ReadonlyMap<string, NodeMetrics>;
}

/** What can be exported. */
export const TABLES = {
  runs: {
    summary: 'a row a run: state, spec (spec.*), environment (environment.*) and metrics of the report (metrics.*)',
    rows: runRows,
  },
  nodes: { summary: 'a row a node: state, times, artifact and metrics (metrics.*)', rows: nodeRows },
  metrics: {
    summary: 'a row a metric and step that a node reported along the way, of every attempt',
    rows: metricRows,
  },
} as const;
export type TableName = keyof typeof TABLES;

function runRows({ listed, facts }: ExportedRun): Row[] {
  const { runId, name, state, startedAt, seconds, error } = listed;
  return [
    {
      runId,
      name,
      state,
      startedAt,
      seconds,
      error,
      ...prefixed('spec', facts.plan.spec),
      ...prefixed('environment', environmentOf(facts)),
      ...prefixed('metrics', reportMetrics(facts)),
    },
  ];
}

function nodeRows({ listed, facts }: ExportedRun): Row[] {
  const planned = new Map(facts.plan.nodes.map((node) => [node.id, node]));
  return facts.nodes.map((node) => {
    const manifest = facts.manifests.get(node.id);
    const plugin = planned.get(node.id)?.plugin;
    return {
      runId: listed.runId,
      node: node.id,
      step: node.step,
      plugin: plugin ? `${plugin.id}@${plugin.version}` : null,
      state: node.state,
      attempt: node.attempt,
      seconds: node.seconds,
      cpuSeconds: manifest?.provenance.cpuSeconds ?? null,
      backend: manifest?.provenance.backend ?? null,
      key: node.key,
      artifact: node.artifact?.digest ?? null,
      bytes: node.artifact?.bytes ?? null,
      error: node.error?.code ?? null,
      ...prefixed('metrics', manifest?.metrics ?? {}),
    };
  });
}

/** `kept`: part of the training as it ended; not what was logged after the checkpoint from which it was tried again. */
function metricRows({ listed, recorded }: ExportedRun): Row[] {
  return [...recorded.values()].flatMap(({ node, attempts, rows: joined }) => {
    const kept = new Set(joined);
    return attempts.flatMap(({ attempt, rows }) =>
      rows.flatMap((row) =>
        Object.entries(row)
          .filter(([name]) => name !== 'step')
          .map(([name, value]) => ({
            runId: listed.runId,
            node,
            attempt,
            step: row.step,
            name,
            value: value ?? null,
            kept: kept.has(row),
          })),
      ),
    );
  });
}

function prefixed(prefix: string, value: object): Row {
  return Object.fromEntries(
    [...flatten(value)].map(([path, leaf]) => [
      `${prefix}.${path}`,
      typeof leaf === 'object' && leaf !== null ? JSON.stringify(leaf) : (leaf as Cell),
    ]),
  );
}
