import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import type { ExperimentSpec, Method, PipelineNode } from '../../schemas/experiment.js';
import { branchesOf } from './along.js';
import { DEFAULT_PIPELINE } from './default-pipeline.js';
import { withFigures } from './figures-node.js';

/** Nodes of the default pipeline that every method has of its own. */
const OWN = ['optimize', 'decode', 'score'];

/** Nodes that a spec with searches over structures alone does without. */
const MODELS = ['encoder', 'latents', 'encode'];

/**
 * The pipeline of a spec: its own, the default one, or the default one with a branch per method from the same encoder and
 * starts. Methods with equal surrogates share the training; a search over structures has none unless it names one.
 */
export function pipelineOf(spec: ExperimentSpec): readonly PipelineNode[] {
  if (spec.pipeline) return spec.pipeline;
  return withFigures(withTemplates(spec, spec.methods ? branched(spec, spec.methods) : DEFAULT_PIPELINE), spec);
}

/** Starts made from training crystals need those too. */
function withTemplates(spec: ExperimentSpec, pipeline: readonly PipelineNode[]): readonly PipelineNode[] {
  if (spec.steps['start-structures']?.['kind'] !== 'template') return pipeline;
  return pipeline.map((node) =>
    node.step === 'start-structures' ? { ...node, needs: { ...node.needs, data: 'data' } } : node,
  );
}

function branched(spec: ExperimentSpec, methods: readonly Method[]): readonly PipelineNode[] {
  const shared = DEFAULT_PIPELINE.filter(({ id }) => !OWN.includes(id) && id !== 'report');
  const latent = methods.some(({ space }) => space === 'latent');
  const before = shared.filter(({ id }) => id !== 'surrogate' && (latent || !MODELS.includes(id)));
  const training = shared.find(({ id }) => id === 'surrogate') as PipelineNode;
  const surrogates = new Map<string, PipelineNode>();
  const branches = methods.flatMap((method) => {
    if (method.space === 'structure' && method.surrogate === undefined) return structureBranch(method, {});
    const given = canonicalJson([method.space, method.surrogate ?? spec.surrogate]);
    const id = surrogates.size === 0 ? 'surrogate' : `surrogate-${method.name}`;
    // A surrogate over structures learns from the data themselves.
    const needs = method.space === 'structure' ? { data: 'data' } : training.needs;
    const surrogate = surrogates.get(given) ?? { ...training, id, needs, ...method.surrogate };
    surrogates.set(given, surrogate);
    if (method.space === 'structure') return structureBranch(method, { surrogate: surrogate.id });
    return branchesOf(method, spec.optimizer).flatMap((one) => branch(one, surrogate.id));
  });
  const report = DEFAULT_PIPELINE.find(({ id }) => id === 'report') as PipelineNode;
  const scores = branches.flatMap(({ id, step }) => (step === 'score' ? [id] : []));
  return [...before, ...surrogates.values(), ...branches, { ...report, needs: { ...report.needs, scores } }];
}

function branch(method: Method, surrogate: string): PipelineNode[] {
  const own = (id: string): string => (OWN.includes(id) ? `${id}-${method.name}` : id === 'surrogate' ? surrogate : id);
  return DEFAULT_PIPELINE.filter(({ id }) => OWN.includes(id)).map((node) => ({
    ...node,
    id: own(node.id),
    needs: Object.fromEntries(Object.entries(node.needs).map(([name, from]) => [name, own(String(from))])),
    ...(node.step === 'optimize' ? method.optimizer : {}),
    ...(node.step === 'score' ? { method: method.name } : {}),
  }));
}

function structureBranch({ name, optimizer }: Method, asks: { surrogate?: string }): PipelineNode[] {
  const search = `search-${name}`;
  return [
    { id: search, step: 'search', needs: { starts: 'start', ...asks }, each: 'compound', ...optimizer },
    {
      id: `score-${name}`,
      step: 'score',
      method: name,
      needs: { decoded: search, starts: 'start', known: 'known' },
      each: 'compound',
    },
  ];
}
