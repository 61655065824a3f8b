import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import type { ExperimentSpec, Method, PipelineNode, Step } from '../../schemas/experiment.js';
import { branchesOf } from './along.js';
import { DEFAULT_PIPELINE } from './default-pipeline.js';
import { withFigures } from './figures-node.js';

/** Nodes of the default pipeline that every method has of its own. */
const OWN = ['optimize', 'decode', 'score'];

/** Steps that make the starts, shared by methods with equal ones. */
const STARTS: readonly Step[] = ['start-structures', 'encode'];

/** Kinds of starts that are made from training crystals. */
export const MADE_FROM_CRYSTALS: readonly unknown[] = ['template', 'decoration'];

/** Nodes that a spec without searches over latents does without. */
const MODELS = ['encoder', 'latents', 'encode'];

/**
 * The pipeline of a spec: its own, the default one, or the default one with a branch per method from the same encoder and
 * starts. Methods with equal surrogates share the training, those with equal starts these; a search over structures has no
 * surrogate unless it names one.
 */
export function pipelineOf(spec: ExperimentSpec): readonly PipelineNode[] {
  if (spec.pipeline) return spec.pipeline;
  return withFigures(withTemplates(spec, spec.methods ? branched(spec, spec.methods) : DEFAULT_PIPELINE), spec);
}

/** Starts made from training crystals need those too. */
function withTemplates(spec: ExperimentSpec, pipeline: readonly PipelineNode[]): readonly PipelineNode[] {
  const fromCrystals = (node: PipelineNode): boolean =>
    node.step === 'start-structures' &&
    MADE_FROM_CRYSTALS.includes({ ...spec.steps['start-structures'], ...node.options }['kind' as never]);
  return pipeline.map((node) => (fromCrystals(node) ? { ...node, needs: { ...node.needs, data: 'data' } } : node));
}

function branched(spec: ExperimentSpec, methods: readonly Method[]): readonly PipelineNode[] {
  const shared = DEFAULT_PIPELINE.filter(({ id }) => !OWN.includes(id) && id !== 'report');
  const latent = methods.some(({ space }) => space === 'latent');
  const before = shared.filter(({ id }) => id !== 'surrogate' && (latent || !MODELS.includes(id)));
  const training = shared.find(({ id }) => id === 'surrogate') as PipelineNode;
  const surrogates = new Map<string, PipelineNode>();
  const starts = new Map<string, Record<string, PipelineNode>>();
  const branches = methods.flatMap((method) => {
    const own = startsOf(method, starts);
    if (method.space === 'starts') return [scoreNode(method, own('start'), own('start'))];
    if (method.space === 'structure' && method.surrogate === undefined)
      return structureBranch(method, own('start'), {});
    const given = canonicalJson([method.space, method.surrogate ?? spec.surrogate]);
    const id = surrogates.size === 0 ? 'surrogate' : `surrogate-${method.name}`;
    // A surrogate over structures learns from the data themselves.
    const needs = method.space === 'structure' ? { data: 'data' } : training.needs;
    const surrogate = surrogates.get(given) ?? { ...training, id, needs, ...method.surrogate };
    surrogates.set(given, surrogate);
    if (method.space === 'structure') return structureBranch(method, own('start'), { surrogate: surrogate.id });
    return branchesOf(method, spec.optimizer).flatMap((one) =>
      branch(one, (from) => (from === 'surrogate' ? surrogate.id : own(from))),
    );
  });
  const used = new Set(branches.flatMap(({ needs }) => Object.values(needs).flat()));
  const isUsed = ({ id, step }: PipelineNode): boolean => !STARTS.includes(step) || used.has(id);
  const made = [...starts.values()].flatMap((nodes) => Object.values(nodes));
  const report = DEFAULT_PIPELINE.find(({ id }) => id === 'report') as PipelineNode;
  const scores = branches.flatMap(({ id, step }) => (step === 'score' ? [id] : []));
  return [
    ...before.filter(isUsed),
    ...surrogates.values(),
    ...made.filter(isUsed),
    ...branches,
    { ...report, needs: { ...report.needs, scores } },
  ];
}

/**
 * Names of the nodes that a method's starts come from: the shared ones, unless it has options of its own for them.
 * @param all the starts of the methods so far, by their options; those of this one are put in
 */
function startsOf(method: Method, all: Map<string, Record<string, PipelineNode>>): (id: string) => string {
  const options = method.steps?.['start-structures'];
  if (options === undefined) return (id) => id;
  const key = canonicalJson(options);
  const own = all.get(key) ?? ownStarts(method.name, options);
  all.set(key, own);
  return (id) => own[id]?.id ?? id;
}

function ownStarts(name: string, options: Record<string, unknown>): Record<string, PipelineNode> {
  const shared = DEFAULT_PIPELINE.filter(({ step }) => STARTS.includes(step));
  const named = (id: string): string => (shared.some((node) => node.id === id) ? `${id}-${name}` : id);
  return Object.fromEntries(
    shared.map((node) => [
      node.id,
      { ...renamed(node, named), ...(node.step === 'start-structures' ? { options } : {}) },
    ]),
  );
}

/** @param from the node that gives what `id` of the default pipeline gives there */
function branch(method: Method, from: (id: string) => string): PipelineNode[] {
  return DEFAULT_PIPELINE.filter(({ id }) => OWN.includes(id)).map((node) => ({
    ...renamed(node, (id) => (OWN.includes(id) ? `${id}-${method.name}` : from(id))),
    ...(node.step === 'optimize' ? method.optimizer : {}),
    ...(node.step === 'score' ? { method: method.name } : {}),
    ...ownOptions(method, node.step),
  }));
}

const renamed = (node: PipelineNode, name: (id: string) => string): PipelineNode => ({
  ...node,
  id: name(node.id),
  needs: Object.fromEntries(Object.entries(node.needs).map(([input, from]) => [input, name(String(from))])),
});

function structureBranch(method: Method, starts: string, asks: { surrogate?: string }): PipelineNode[] {
  const id = `search-${method.name}`;
  return [
    {
      ...{ id, step: 'search', needs: { starts, ...asks }, each: 'compound' },
      ...method.optimizer,
      ...ownOptions(method, 'search'),
    },
    scoreNode(method, id, starts),
  ];
}

/** Judges the crystals of the node `decoded`. */
const scoreNode = (method: Method, decoded: string, starts: string): PipelineNode => ({
  ...{ id: `score-${method.name}`, step: 'score', method: method.name, each: 'compound' },
  needs: { decoded, starts, known: 'known' },
  ...ownOptions(method, 'score'),
});

function ownOptions({ steps = {} }: Method, step: Step): Pick<PipelineNode, 'options'> {
  const options = step in steps ? steps[step as keyof typeof steps] : undefined;
  return options === undefined ? {} : { options };
}
