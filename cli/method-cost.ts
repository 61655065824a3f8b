import type { NodeManifest } from '../schemas/artifact.js';
import type { PlannedNode } from '../schemas/node.js';

/** Steps of one answer, in their order; the score step evaluates and relaxes. */
export const ANSWER_STEPS = ['start-structures', 'encode', 'optimize', 'decode', 'score'] as const;
type AnswerStep = (typeof ANSWER_STEPS)[number];

/** What one answer (a try of a compound) of a method costs, CPU seconds by step; trainings are not in it. */
export interface MethodCost {
  method: string;
  /** Answers that the figures are means over. */
  answers: number;
  cpuSeconds: Record<AnswerStep, number>;
  /** Wall-clock seconds of encode, optimize and decode: what Table 2 of the paper counts. */
  searchSeconds: number;
}

type Provenance = Pick<NodeManifest, 'provenance' | 'metrics'>;

/**
 * The costs of the methods of a run, from the nodes that led to each score. Figures are those of the time when a node ran,
 * cached nodes included; a method whose nodes are not all known is left out.
 */
export function methodCosts(nodes: readonly PlannedNode[], manifests: ReadonlyMap<string, Provenance>): MethodCost[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const costs = new Map<string, MethodCost>();
  for (const node of nodes) {
    if (node.step !== 'score') continue;
    const method = typeof node.options['method'] === 'string' ? node.options['method'] : 'lcom';
    const found = [node, ...ancestors(node, byId)].map((n) => ({ step: n.step, manifest: manifests.get(n.id) }));
    if (found.some(({ manifest }) => manifest === undefined)) continue;
    const cost = costs.get(method) ?? {
      method,
      answers: 0,
      cpuSeconds: { 'start-structures': 0, encode: 0, optimize: 0, decode: 0, score: 0 },
      searchSeconds: 0,
    };
    cost.answers += Number(manifests.get(node.id)?.metrics['tries'] ?? 1);
    for (const { step, manifest } of found) {
      const { cpuSeconds, seconds } = (manifest as Provenance).provenance;
      cost.cpuSeconds[step as AnswerStep] += cpuSeconds;
      if (step === 'encode' || step === 'optimize' || step === 'decode') cost.searchSeconds += seconds;
    }
    costs.set(method, cost);
  }
  return [...costs.values()].map((cost) => ({
    ...cost,
    cpuSeconds: Object.fromEntries(
      ANSWER_STEPS.map((step) => [step, cost.cpuSeconds[step] / cost.answers]),
    ) as MethodCost['cpuSeconds'],
    searchSeconds: cost.searchSeconds / cost.answers,
  }));
}

/** Nodes per compound that a score needs, the nearest first. */
function ancestors(node: PlannedNode, byId: ReadonlyMap<string, PlannedNode>): PlannedNode[] {
  const found = new Map<string, PlannedNode>();
  const visit = (of: PlannedNode): void => {
    for (const id of Object.values(of.needs).flat()) {
      const next = byId.get(id);
      if (!next || found.has(id) || !(ANSWER_STEPS as readonly string[]).includes(next.step)) continue;
      found.set(id, next);
      visit(next);
    }
  };
  visit(node);
  return [...found.values()];
}
