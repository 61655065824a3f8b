import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentSpec, PipelineNode } from '../../schemas/experiment.js';

/** Options of a node's step as written: the node's own over the spec's. */
export function givenOptions(spec: ExperimentSpec, node: PipelineNode): Record<string, unknown> {
  return { ...spec.steps[node.step], ...node.options };
}

/**
 * The score node that judges the starts beside its answers: the first one whose starts are relaxed and as many as the tries.
 * Of methods with starts of their own none does: the table has one line of starts.
 */
export function judgesStarts(spec: ExperimentSpec, pipeline: readonly PipelineNode[]): string | undefined {
  return pipeline.find((node) => {
    if (node.step !== 'score') return false;
    const starts = startsNode(node, pipeline);
    if (starts === undefined) return true;
    if (spec.methods && starts.id !== 'start') return false;
    const { pool = 1, relaxed = true } = givenOptions(spec, starts) as { pool?: number; relaxed?: boolean };
    return pool === 1 && relaxed;
  })?.id;
}

/**
 * How a score node finds its answers, as options; none where each try has its own latent.
 * @throws LcomsError LCOMS_E_SPEC where each try should have its own and there are more latents, or fewer
 */
export function answersOf(
  spec: ExperimentSpec,
  pipeline: readonly PipelineNode[],
  score: PipelineNode,
  file: string,
): { choose?: 'lowest'; tries?: number } {
  const { choose } = givenOptions(spec, score) as { choose?: 'try' | 'lowest' };
  const starts = startsNode(score, pipeline);
  const { pool = 1 } = (starts ? givenOptions(spec, starts) : {}) as { pool?: number };
  const decode = pipeline.find(({ id }) => id === score.needs['decoded']);
  const optimize = pipeline.find(({ id, step }) => step === 'optimize' && id === decode?.needs['latents']);
  const { keep = Number.POSITIVE_INFINITY } = (optimize ? givenOptions(spec, optimize) : {}) as { keep?: number };
  const made = Math.min(spec.tries * pool, keep);
  if (choose === 'lowest' || (choose === undefined && made !== spec.tries))
    return { choose: 'lowest', tries: spec.tries };
  if (made === spec.tries) return {};
  throw new LcomsError('LCOMS_E_SPEC', `choose: try, but ${spec.tries} tries have ${made} starts that go on`, {
    file,
    path: `options of node "${score.id}" (score)`,
    hint: 'Take choose out, or write lowest: of all that they lead to the lowest are the answers.',
  });
}

const startsNode = (score: PipelineNode, pipeline: readonly PipelineNode[]): PipelineNode | undefined =>
  pipeline.find(({ id, step }) => step === 'start-structures' && id === score.needs['starts']);
