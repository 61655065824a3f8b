import type { PlotSpec } from '../../lib/plot/draw.js';
import type { FigureSources, TrainingRow } from './figure-sources.js';
import { logTicks, panelTitle, SCHEMA, STYLE, seriesColour } from './figure-style.js';

/** Error, over-estimation and dual variable of each surrogate by epoch; of an ensemble the mean over its members. */
export function trainingFigure({ options, training }: FigureSources): { spec: PlotSpec; words: string[] } {
  const titles = [...new Set(Object.values(options.trainings))].filter((t) => training.some((r) => r.series === t));
  const panels = [
    { metric: 'validationMse', title: 'validation error (mean square)', log: false },
    { metric: 'trainMse', title: 'training error (mean square)', log: true },
    { metric: 'over', title: 'over-estimation', log: false },
    { metric: 'alpha', title: 'dual variable α', log: true },
  ].filter(({ metric }) => training.some((row) => row[metric] !== undefined));
  const spec = {
    $schema: SCHEMA,
    title: {
      text: 'Training of the surrogates',
      subtitle: [
        'energies in standard deviations of the training energies',
        'over-estimation: how much lower the adversary looks than the data, mean of an epoch',
      ],
    },
    columns: 2,
    concat: panels.map(({ metric, title, log }) => ({
      ...{ width: 340, height: 180, title: panelTitle(title) },
      data: {
        values: training.flatMap(({ series, epoch, [metric]: value }) =>
          value === undefined ? [] : [{ series, epoch, value }],
        ),
      },
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x: { field: 'epoch', type: 'quantitative', axis: { grid: false, tickCount: 6 } },
        y: {
          ...{ field: 'value', aggregate: 'mean', type: 'quantitative', title: null },
          scale: log ? { type: 'log', nice: false } : { type: 'linear' },
          axis: log ? { values: logTicks([1, 2, 5]), format: ',~g' } : { tickCount: 5 },
        },
        color: seriesColour(titles, 'stroke'),
      },
    })),
    config: STYLE,
  } as unknown as PlotSpec;
  return { spec, words: words(training, titles) };
}

function words(training: readonly TrainingRow[], titles: readonly string[]): string[] {
  const lines = titles.map((title) => {
    const own = training.filter(({ series }) => series === title);
    const last = own.at(-1) as TrainingRow;
    const figure = (metric: string, digits: number) => Number(last[metric]).toFixed(digits);
    const error = last['validationRmse'] === undefined ? 'trainRmse' : 'validationRmse';
    const conservatism =
      last['alpha'] === undefined ? '' : `, over-estimation ${figure('over', 3)}, alpha ${figure('alpha', 3)}`;
    return `  ${title}: ${error === 'trainRmse' ? 'training' : 'validation'} error ${figure(error, 3)} eV/atom after ${last.epoch} epochs${conservatism}.`;
  });
  return [
    'Training. A tau that binds keeps the over-estimation near tau and alpha well above 0; one that does not lets alpha decay.',
    ...lines,
  ];
}
