import { type NodeMetrics, readNodeMetrics, readRunMetrics } from '../activities/metrics/read-metrics.js';
import { readPlan, readStatus } from '../activities/run-files.js';
import type { NodeManifest } from '../schemas/artifact.js';
import { LcomsError } from '../schemas/errors.js';
import type { NodeRecord, RunPlan, RunStatus } from '../schemas/run.js';
import type { Workplace } from './workplace.js';

/** What the store holds of a run. */
export interface RunFacts {
  plan: RunPlan;
  /** null before anything was recorded. */
  status: RunStatus | null;
  /** Every planned node; what was never recorded is queued. */
  nodes: NodeRecord[];
  /** Committed manifests by node id; none of a node whose result was taken back. */
  manifests: Map<string, NodeManifest>;
}

/** Manifests that are read at a time. */
const AT_ONCE = 16;

/** @throws LcomsError LCOMS_E_NOT_FOUND, LCOMS_E_ARTIFACT_CORRUPT */
export async function loadRun({ store }: Pick<Workplace, 'store'>, runId: string): Promise<RunFacts> {
  const plan = await readPlan(store.store, runId);
  const status = await readStatus(store.store, runId);
  const byId = new Map(status?.nodes.map((node) => [node.id, node]));
  const nodes = plan.nodes.map(
    ({ id, step }): NodeRecord =>
      byId.get(id) ?? { id, step, state: 'queued', key: null, attempt: 0, seconds: null, artifact: null, error: null },
  );
  const manifests = new Map<string, NodeManifest>();
  const next = nodes[Symbol.iterator]();
  const reader = async (): Promise<void> => {
    for (const { id, key } of next) {
      const manifest = key === null ? null : await store.findCommitted(key).catch(unlessCorrupt);
      if (manifest) manifests.set(id, manifest);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return { plan, status, nodes, manifests };
}

/** One that can't be read is as good as none for those who only look. */
function unlessCorrupt(error: unknown): null {
  if (error instanceof LcomsError && error.code === 'LCOMS_E_ARTIFACT_CORRUPT') return null;
  throw error;
}

export type Metrics = NodeManifest['metrics'];

/** What the report counts; empty for a run without one, or before it is made. */
export function reportMetrics({ plan, manifests }: Pick<RunFacts, 'plan' | 'manifests'>): Metrics {
  const report = plan.nodes.filter(({ step }) => step === 'report').at(-1);
  return (report && manifests.get(report.id)?.metrics) ?? {};
}

/** Those of the report by their names, those of the other nodes as `node:name`. */
export function allMetrics(facts: Pick<RunFacts, 'plan' | 'manifests'>): Metrics {
  const others = [...facts.manifests].flatMap(([id, { metrics }]) =>
    facts.plan.nodes.find((node) => node.id === id)?.step === 'report'
      ? []
      : Object.entries(metrics).map(([name, value]) => [`${id}:${name}`, value] as const),
  );
  return { ...reportMetrics(facts), ...Object.fromEntries(others) };
}

/** Tensor backends that the nodes really used, each once. */
export function backendsOf(manifests: ReadonlyMap<string, NodeManifest>): string[] {
  return [...new Set([...manifests.values()].flatMap(({ provenance }) => provenance.backend ?? []))].sort();
}

/** What the nodes of a run reported; of a cached node, what it reported in the run that made it. */
export async function recordedMetrics(
  { store }: Pick<Workplace, 'store'>,
  { plan, nodes, manifests }: Pick<RunFacts, 'plan' | 'nodes' | 'manifests'>,
): Promise<Map<string, NodeMetrics>> {
  const found = await readRunMetrics(store.store, plan.runId);
  for (const { id, state } of nodes) {
    const maker = manifests.get(id)?.provenance.run;
    if (state !== 'cached' || found.has(id) || maker === undefined || maker === plan.runId) continue;
    const made = await readNodeMetrics(store.store, maker, id);
    if (made) found.set(id, made);
  }
  return found;
}
