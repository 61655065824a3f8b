import type { NodeManifest } from '../schemas/artifact.js';
import type { PlannedNode } from '../schemas/node.js';

/** Steps of one answer, in their order; a method has `search` or the three before it. The score step evaluates and relaxes. */
export const ANSWER_STEPS = ['start-structures', 'encode', 'optimize', 'decode', 'search', 'score'] as const;
const TRAININGS: readonly string[] = ['train-encoder', 'encode-data', 'train-surrogate'];
const SEARCH_STEPS: readonly string[] = ['encode', 'optimize', 'decode', 'search'];
type AnswerStep = (typeof ANSWER_STEPS)[number];

/** What one answer (a try of a compound) of a method costs, CPU seconds by step; trainings are not in it. */
export interface MethodCost {
  method: string;
  /** Answers that the figures are means over. */
  answers: number;
  /** Evaluations of the surrogate or, with a search over structures, of the scorer. */
  evaluations: number;
  cpuSeconds: Record<AnswerStep, number>;
  /** Wall-clock seconds of encode, optimize and decode, or of search: what Table 2 of the paper counts. */
  searchSeconds: number;
}

export type Provenance = Pick<NodeManifest, 'provenance' | 'metrics'>;

/**
 * The costs of the methods of a run, from the nodes that led to each score. Figures are those of the time when a node ran,
 * cached nodes included; a method whose nodes are not all known is left out.
 */
export function methodCosts(nodes: readonly PlannedNode[], manifests: ReadonlyMap<string, Provenance>): MethodCost[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const costs = new Map<string, MethodCost>();
  for (const node of nodes) {
    if (node.step !== 'score') continue;
    const method = methodOf(node.options);
    const found = paidFor(node, byId).map((n) => ({ step: n.step, manifest: manifests.get(n.id) }));
    if (found.some(({ manifest }) => manifest === undefined)) continue;
    const cost = costs.get(method) ?? {
      method,
      answers: 0,
      evaluations: 0,
      cpuSeconds: { 'start-structures': 0, encode: 0, optimize: 0, decode: 0, search: 0, score: 0 },
      searchSeconds: 0,
    };
    cost.answers += Number(manifests.get(node.id)?.metrics['tries'] ?? 1);
    for (const { step, manifest } of found) {
      const { provenance, metrics } = manifest as Provenance;
      const { cpuSeconds, seconds } = provenance;
      cost.evaluations += Number(metrics['evaluations'] ?? 0);
      cost.cpuSeconds[step as AnswerStep] += cpuSeconds;
      if (SEARCH_STEPS.includes(step)) cost.searchSeconds += seconds;
    }
    costs.set(method, cost);
  }
  return [...costs.values()].map((cost) => ({
    ...cost,
    evaluations: cost.evaluations / cost.answers,
    cpuSeconds: Object.fromEntries(
      ANSWER_STEPS.map((step) => [step, cost.cpuSeconds[step] / cost.answers]),
    ) as MethodCost['cpuSeconds'],
    searchSeconds: cost.searchSeconds / cost.answers,
  }));
}

/** CPU seconds of one answer, its start included. */
export function secondsOf({ cpuSeconds }: MethodCost): number {
  return ANSWER_STEPS.reduce((sum, step) => sum + cpuSeconds[step], 0);
}

/** CPU seconds of one relaxed random start; 0 where none is known. */
export function startSeconds(nodes: readonly PlannedNode[], manifests: ReadonlyMap<string, Provenance>): number {
  const judging = nodes.filter(({ step, options }) => step === 'score' && options['judgeStarts'] !== false);
  const starts = new Set(judging.flatMap(({ needs }) => needs['starts'] ?? []));
  const made = nodes.flatMap(({ id, step }) =>
    step === 'start-structures' && starts.has(id) ? (manifests.get(id) ?? []) : [],
  );
  const tries = made.reduce((sum, { metrics }) => sum + Number(metrics['tries'] ?? 1), 0);
  return tries === 0 ? 0 : made.reduce((sum, { provenance }) => sum + provenance.cpuSeconds, 0) / tries;
}

/** CPU seconds of all trainings together: what methods in a latent space need before their first answer. */
export function trainingSeconds(nodes: readonly PlannedNode[], manifests: ReadonlyMap<string, Provenance>): number {
  return nodes
    .filter(({ step }) => TRAININGS.includes(step))
    .reduce((sum, { id }) => sum + (manifests.get(id)?.provenance.cpuSeconds ?? 0), 0);
}

/** The nodes that the answers of a score node cost, itself first. */
export function paidFor(score: PlannedNode, byId: ReadonlyMap<string, PlannedNode>): PlannedNode[] {
  const led = [score, ...ancestors(score, byId)];
  // A search over structures takes only the number of atoms from the starts.
  return led.some(({ step }) => step === 'search') ? led.filter(({ step }) => step !== 'start-structures') : led;
}

/** CPU seconds by method of the trainings that its answers need, all replicates together; none for a search on the scorer. */
export function trainingByMethod(
  nodes: readonly PlannedNode[],
  manifests: ReadonlyMap<string, Provenance>,
): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const needed = new Map<string, Set<string>>();
  const visit = (id: string, found: Set<string>): void => {
    const node = byId.get(id);
    if (!node || found.has(id)) return;
    found.add(id);
    for (const next of Object.values(node.needs).flat()) visit(next, found);
  };
  for (const { step, options, needs } of nodes) {
    if (step !== 'score') continue;
    const method = methodOf(options);
    const found = needed.get(method) ?? new Set<string>();
    // Of the decoded crystals alone: the starts and the truth need no model.
    for (const id of [needs['decoded'] ?? []].flat()) visit(id, found);
    needed.set(method, found);
  }
  return new Map(
    [...needed].map(([method, ids]) => [
      method,
      trainingSeconds(
        nodes.filter(({ id }) => ids.has(id)),
        manifests,
      ),
    ]),
  );
}

/** What the report calls the answers of a score node. */
export function methodOf(options: Readonly<Record<string, unknown>>): string {
  return typeof options['answers'] === 'string' ? options['answers'] : 'lcom';
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
