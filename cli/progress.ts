import type { RunReport } from '../activities/record-status.js';
import type { LiveNode } from '../infra/temporal/live-nodes.js';
import type { MetricsRow } from '../schemas/metrics.js';
import type { PlannedNode, Progress } from '../schemas/node.js';
import type { NodeRecord } from '../schemas/run.js';
import { mainMetric, seriesOf, sparkline } from './sparkline.js';

/** How a run stands, as it was last heard. */
export interface Snapshot {
  report: RunReport | null;
  live: readonly LiveNode[];
  /** What nodes under way have reported so far. */
  reported?: ReadonlyMap<string, readonly MetricsRow[]>;
}

/** One line of the view: a shared node, or every instance of a fan-out. */
export interface GroupProgress {
  /** Id in the pipeline, e.g. `encoder` or `start`. */
  id: string;
  step: string;
  total: number;
  done: number;
  cached: number;
  failed: number;
  /** Not run, because something that it needs failed, or the run was paused. */
  cancelled: number;
  running: number;
  /** Their worker was lost, and no other has taken them yet. */
  stale: number;
  /** The highest attempt of a node under way; 1 as a rule. */
  attempt: number;
  /** Of the nodes made in this run, summed. */
  seconds: number;
  /** Of a shared node that is under way. */
  progress: Progress | null;
  /** Of the same: worker, and what it has reported. */
  worker: string;
  reported: readonly MetricsRow[];
}

export interface NodeGroup {
  id: string;
  step: string;
  nodes: PlannedNode[];
}

/** Nodes by their id in the pipeline (`start/MgO` belongs to `start`), in the order of the plan. */
export function groupNodes(nodes: readonly PlannedNode[]): NodeGroup[] {
  const groups = new Map<string, NodeGroup>();
  for (const node of nodes) {
    const id = groupOf(node.id);
    const group = groups.get(id);
    if (group) group.nodes.push(node);
    else groups.set(id, { id, step: node.step, nodes: [node] });
  }
  return [...groups.values()];
}

export function groupOf(nodeId: string): string {
  return nodeId.split('/')[0] ?? nodeId;
}

export function progressOf(groups: readonly NodeGroup[], { report, live, reported }: Snapshot): GroupProgress[] {
  const records = new Map(report?.nodes.map((record) => [record.id, record]));
  const alive = new Map(live.map((node) => [node.id, node]));
  return groups.map(({ id, step, nodes }) => {
    const of = nodes.flatMap((node) => records.get(node.id) ?? []);
    const count = (...states: NodeRecord['state'][]): number => of.filter(({ state }) => states.includes(state)).length;
    const only = nodes.length === 1 && count('running') > 0 ? nodes[0]?.id : undefined;
    const alone = only === undefined ? undefined : alive.get(only);
    return {
      id,
      step,
      total: nodes.length,
      done: count('succeeded', 'cached'),
      cached: count('cached'),
      failed: count('failed'),
      cancelled: count('cancelled', 'paused'),
      running: nodes.filter((node) => alive.get(node.id)?.state === 'running').length,
      stale: nodes.filter((node) => alive.get(node.id)?.state === 'stale').length,
      attempt: Math.max(1, ...nodes.map((node) => alive.get(node.id)?.attempt ?? 1)),
      seconds: of.reduce((sum, { state, seconds }) => sum + (state === 'succeeded' ? (seconds ?? 0) : 0), 0),
      progress: alone?.progress ?? null,
      worker: alone?.worker ?? '',
      reported: (only === undefined ? undefined : reported?.get(only)) ?? [],
    };
  });
}

/** Share of a group that is done, 0 to 1. */
export function fractionOf({ total, done, progress }: GroupProgress): number {
  const partial = progress !== null && progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  return total === 0 ? 1 : Math.min(1, (done + (done < total ? partial : 0)) / total);
}

/** `train.total █▅▂▁`: how the loss went so far; '' before there are two of it. */
export function curveText({ reported }: GroupProgress): string {
  const name = mainMetric(reported);
  const line = name === null ? '' : sparkline(seriesOf(reported, name), 12);
  return line === '' ? '' : `${name} ${line}`;
}

/** `attempt 2 on 123@host`: what is not as usual of an attempt, or where it is when that is told. */
export function attemptText({ attempt, worker }: GroupProgress, withWorker = false): string {
  const facts = [attempt > 1 ? `attempt ${attempt}` : '', withWorker && worker !== '' ? `on ${worker}` : ''];
  return facts.filter((fact) => fact !== '').join(' ');
}

/** `loss 0.123  validation 0.2`: the newest metrics, four digits each, at most four of them. */
export function metricsText(progress: Progress | null): string {
  return Object.entries(progress?.metrics ?? {})
    .slice(0, 4)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(4)}`)
    .join('  ');
}

/** `epochs 12/40` */
export function countText(progress: Progress | null): string {
  return progress === null ? '' : `${progress.unit} ${round(progress.done)}/${round(progress.total)}`;
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}
