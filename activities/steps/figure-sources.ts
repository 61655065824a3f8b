import type { NodeManifest } from '../../schemas/artifact.js';
import { readJson, type StepContext } from './context.js';
import type { DatasetInfo } from './dataset-artifact.js';
import { readRows } from './dataset-artifact.js';
import type { ScoreRow } from './score-row.js';

/** A line of a figure: a method, or one method's descents of several lengths. */
export interface Series {
  title: string;
  /** Methods by number of steps, rising; one, whatever its steps, where the spec gives no `along`. */
  methods: { steps: number | null; method: string }[];
}

/** What the planner tells the step. */
export interface FigureOptions {
  compounds: string[];
  draw: ('search' | 'improvement' | 'training')[];
  series: Series[];
  /** Title of each training, by the id of its node. */
  trainings: Record<string, string>;
}

/** Predicted energies E(z_0) to E(z_T) along the search from one start, in standard deviations of the training energies. */
export interface PredictedTrace {
  series: string;
  formula: string;
  energies: (number | null)[];
}

/** A row of a surrogate's learning curve. */
export interface TrainingRow extends Record<string, number | string> {
  series: string;
  epoch: number;
}

export interface FigureSources {
  options: FigureOptions;
  rows: ScoreRow[];
  traces: PredictedTrace[];
  training: TrainingRow[];
  /** Standard deviation of the training energies, eV/atom. */
  energyStd: number;
  target: DatasetInfo['target'];
}

export async function figureSources(context: StepContext): Promise<FigureSources> {
  const options = context.node.options as unknown as FigureOptions;
  const info = await readJson<DatasetInfo>(context, context.input('data'), 'info.json');
  const scores = context.inputs('scores').map((manifest) => readJson<ScoreRow[]>(context, manifest, 'scores.json'));
  return {
    options,
    rows: (await Promise.all(scores)).flat(),
    traces: await predictedTraces(context, options, info),
    training: await learningCurves(context, options),
    energyStd: info.targetStd,
    target: info.target,
  };
}

async function predictedTraces(
  context: StepContext,
  { series }: FigureOptions,
  { targetMean, targetStd }: DatasetInfo,
): Promise<PredictedTrace[]> {
  const branches = named(context, 'searches').map(async ({ id, manifest }): Promise<PredictedTrace[]> => {
    const [branch = '', formula = ''] = id.split('/');
    // The longest descent holds the others.
    const of = series.find(({ methods }) => `optimize-${methods.at(-1)?.method}` === branch.replace(/@.*/, ''));
    const own = of ?? (series.length === 1 && branch.startsWith('optimize') ? series[0] : undefined);
    if (own === undefined) return [];
    const { predicted } = await readJson<{ predicted: (number | null)[][] }>(context, manifest, 'trace.json');
    return predicted.map((energies) => ({
      series: own.title,
      formula,
      energies: energies.map((e) => (e === null ? null : (e - targetMean) / targetStd)),
    }));
  });
  return (await Promise.all(branches)).flat();
}

async function learningCurves(context: StepContext, { trainings }: FigureOptions): Promise<TrainingRow[]> {
  const curves = named(context, 'trainings').map(async ({ id, manifest }): Promise<TrainingRow[]> => {
    const blob = manifest.artifact.blobs.find(({ name }) => name.endsWith('history.jsonl'));
    if (blob === undefined) return [];
    const rows = await readRows<{ epoch: number } & Record<string, number>>(context, manifest, blob.name);
    return rows.map((row) => ({ ...row, series: trainings[id.replace(/@.*/, '')] ?? id }));
  });
  return (await Promise.all(curves)).flat();
}

function named(context: StepContext, input: string): { id: string; manifest: NodeManifest }[] {
  const ids = [context.node.needs[input] ?? []].flat();
  return context.inputs(input).map((manifest, i) => ({ id: ids[i] as string, manifest }));
}
