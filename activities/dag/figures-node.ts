import type { ExperimentSpec, Method, PipelineNode } from '../../schemas/experiment.js';
import type { FigureOptions } from '../steps/figure-sources.js';
import { branchesOf } from './along.js';

/** The pipeline with a node that draws the figures of the spec, if it asks for any. */
export function withFigures(pipeline: readonly PipelineNode[], { figures }: ExperimentSpec): readonly PipelineNode[] {
  if (!figures) return pipeline;
  const of = (step: string) => pipeline.filter((node) => node.step === step).map(({ id }) => id);
  const gathered = { scores: of('score'), searches: of('optimize'), trainings: of('train-surrogate') };
  const needs = Object.entries(gathered).filter(([, ids]) => ids.length > 0);
  return [...pipeline, { id: 'figures', step: 'figures', needs: { data: 'data', ...Object.fromEntries(needs) } }];
}

/** What the node that draws has to know of the spec: which answers make a line, and how they are called. */
export function figureOptions(
  spec: ExperimentSpec,
  pipeline: readonly PipelineNode[],
  compounds: readonly string[],
): FigureOptions {
  const methods = spec.methods ?? [];
  const series = methods.map((method) => ({
    title: titleOf(method),
    methods: branchesOf(method, spec.optimizer).map((branch) => ({
      steps: stepsOf(branch, spec),
      method: branch.name,
    })),
  }));
  return {
    compounds: [...compounds],
    draw: spec.figures ?? [],
    series: methods.length > 0 ? series : [{ title: 'search', methods: [{ steps: null, method: 'lcom' }] }],
    trainings: trainingTitles(spec, pipeline),
  };
}

const titleOf = ({ title, name }: Method): string => title ?? name;

function stepsOf({ optimizer }: Method, spec: ExperimentSpec): number | null {
  const steps = (optimizer ?? spec.optimizer).with['steps'];
  return typeof steps === 'number' ? steps : null;
}

/** A training is called as the first method that searches on it; without methods, by its plugin. */
function trainingTitles(spec: ExperimentSpec, pipeline: readonly PipelineNode[]): Record<string, string> {
  const titles = pipeline
    .filter(({ step }) => step === 'train-surrogate')
    .map(({ id }): [string, string] => {
      const search = pipeline.find((node) => node.step === 'optimize' && node.needs['surrogate'] === id);
      const method = spec.methods?.find((m) =>
        branchesOf(m, spec.optimizer).some((branch) => `optimize-${branch.name}` === search?.id),
      );
      return [id, method ? titleOf(method) : spec.surrogate.use];
    });
  return Object.fromEntries(titles);
}
