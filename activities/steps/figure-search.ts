import type { PlotSpec } from '../../lib/plot/draw.js';
import { spreadOf } from '../../lib/plot/spread.js';
import type { FigureSources, PredictedTrace, Series } from './figure-sources.js';
import { logTicks, panelTitle, SCHEMA, STYLE, seriesColour } from './figure-style.js';
import { meV } from './report-format.js';
import type { ScoreRow } from './score-row.js';

/** Up to here each compound has panels of its own. */
const COMPOUNDS_APART = 4;

/** Judged energies below this are drawn at it: the axis is logarithmic. meV/atom. */
const LEAST_ABOVE = 1;

interface PredictedPoint {
  series: string;
  panel: string;
  step: number;
  mean: number;
  low: number;
  high: number;
}

interface JudgedPoint {
  series: string;
  panel: string;
  step: number;
  median: number;
  low: number;
  high: number;
}

/**
 * Energy along the search (Figures 2 and 4 of the paper): what the surrogate predicts, mean and standard deviation over
 * searches, and what the scorer says of the decoded crystal, median and quartiles over searches.
 */
export function searchFigure(sources: FigureSources): { spec: PlotSpec; words: string[] } {
  const { options, traces, energyStd } = sources;
  const titles = options.series.map(({ title }) => title);
  const apart = options.compounds.length <= COMPOUNDS_APART;
  const panels = apart ? options.compounds : ['all'];
  const formulas = (panel: string) => (apart ? [panel] : options.compounds);
  const predicted = panels.flatMap((panel) => predictedPoints(traces, titles, panel, formulas(panel)));
  const judged = panels.flatMap((panel) => judgedPoints(sources, panel, formulas(panel)));
  const over = apart ? 'tries' : `${options.compounds.length} compounds`;
  const subtitle = [
    `left: mean and spread over ${over} (1 standard deviation of the data = ${energyStd.toFixed(3)} eV/atom)`,
    `right: the decoded crystal by the scorer, median and quartiles over ${over}`,
  ];
  const spec = {
    $schema: SCHEMA,
    title: { text: 'Energy along the search', subtitle },
    columns: predicted.length > 0 && judged.length > 0 ? 2 : 1,
    concat: panels.flatMap((panel) => {
      const where = apart ? `${panel}: ` : '';
      const of = <P extends { panel: string }>(points: readonly P[]) => points.filter((p) => p.panel === panel);
      // An axis without anything on it would only raise questions.
      return [
        ...(predicted.length > 0 ? [predictedPanel(of(predicted), titles, where)] : []),
        ...(judged.length > 0 ? [judgedPanel(of(judged), titles, where)] : []),
      ];
    }),
    config: STYLE,
  } as unknown as PlotSpec;
  return { spec, words: words(sources, predicted, judged) };
}

function predictedPoints(
  traces: readonly PredictedTrace[],
  titles: readonly string[],
  panel: string,
  formulas: readonly string[],
): PredictedPoint[] {
  return titles.flatMap((series) => {
    const own = traces.filter((trace) => trace.series === series && formulas.includes(trace.formula));
    const length = Math.max(0, ...own.map(({ energies }) => energies.length));
    return Array.from({ length }, (_, step) => {
      const spread = spreadOf(own.flatMap(({ energies }) => energies[step] ?? []));
      return spread && { series, panel, step, ...band(spread.mean, spread.deviation) };
    }).filter((point) => point !== null);
  });
}

const band = (mean: number, deviation: number) => ({ mean, low: mean - deviation, high: mean + deviation });

function judgedPoints({ options, rows }: FigureSources, panel: string, formulas: readonly string[]): JudgedPoint[] {
  const bounded = (above: number) => Math.max(above, LEAST_ABOVE);
  return options.series.flatMap(({ title, methods }) =>
    methods.flatMap(({ steps, method }) => {
      const spread = spreadOf(aboveTruth(rows, method, formulas));
      if (spread === null || steps === null) return [];
      const { median, lower, upper } = spread;
      const point = { median: bounded(median), low: bounded(lower), high: bounded(upper) };
      return [{ series: title, panel, step: steps, ...point }];
    }),
  );
}

/** Energies above the truth as decoded, meV/atom. */
const aboveTruth = (rows: readonly ScoreRow[], method: string, formulas: readonly string[]): number[] =>
  rows.flatMap((r) => (r.method === method && formulas.includes(r.formula) ? (r.before?.aboveTruth ?? []) : []));

const X = { field: 'step', type: 'quantitative', title: 'gradient step', axis: { tickCount: 6, grid: false } } as const;

/** A line with its band. `field`: of the line; `y`: how its axis is. */
function panel(
  values: readonly object[],
  titles: readonly string[],
  text: string,
  { field, y, point }: { field: string; y: object; point: object | false },
) {
  const color = seriesColour(titles, 'stroke');
  const axis = { type: 'quantitative', title: null, ...y };
  return {
    ...{ width: 340, height: 220, title: panelTitle(text), data: { values } },
    layer: [
      {
        mark: { type: 'area', opacity: 0.13 },
        encoding: { x: X, y: { ...axis, field: 'low' }, y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'line', strokeWidth: 2, point },
        encoding: { x: X, y: { ...axis, field }, color },
      },
    ],
  };
}

const predictedPanel = (values: readonly PredictedPoint[], titles: readonly string[], where: string) =>
  panel(values, titles, `${where}predicted (standard deviations)`, { field: 'mean', y: {}, point: false });

const judgedPanel = (values: readonly JudgedPoint[], titles: readonly string[], where: string) =>
  panel(values, titles, `${where}decoded, above truth (meV/atom)`, {
    field: 'median',
    y: { scale: { type: 'log', nice: false }, axis: { values: logTicks([1, 3]), format: ',~g' } },
    point: { size: 30 },
  });

function words(
  { options, rows, energyStd }: FigureSources,
  predicted: readonly PredictedPoint[],
  judged: readonly JudgedPoint[],
): string[] {
  const lines = options.series.flatMap((series) => {
    const own = predicted.filter((p) => p.series === series.title);
    const panels = [...new Set(own.map(({ panel }) => panel))];
    return panels.map((panel) => {
      const of = own.filter((p) => p.panel === panel);
      const [first, end] = [of[0], of.at(-1)] as [PredictedPoint, PredictedPoint];
      const where = options.compounds.length <= COMPOUNDS_APART ? ` on ${panel}` : '';
      const prediction = `predicted ${first.mean.toFixed(2)} -> ${end.mean.toFixed(2)} +- ${((end.high - end.low) / 2).toFixed(2)} standard deviations (${((end.mean - first.mean) * energyStd).toFixed(2)} eV/atom) in ${end.step} steps`;
      return `  ${series.title}${where}: ${prediction}${judgedWords(series, judged, panel)}.`;
    });
  });
  const starts = spreadOf(aboveTruth(rows, 'start', options.compounds));
  return [
    'Energy along the search. The paper: what SL proposes rises with the steps, its errors exploited, and what LCOMs propose falls to near the optimum (Figure 2); of tau 0.5, 1 and 5 on SrS and MgO 1 ends lowest, 0.5 stays on a plateau on MgO, 5 begins to be exploited (Figure 4).',
    `Here (exploited: the prediction falls while the judged energy rises, by more than ${RISEN} meV/atom):`,
    ...lines,
    ...(starts ? [`  The relaxed starts themselves: median ${meV(starts.median)} meV/atom above the truth.`] : []),
  ];
}

/** Judged by so much more (meV/atom) at the end than at first counts as risen: decoding scatters by some. */
const RISEN = 10;

function judgedWords({ title }: Series, judged: readonly JudgedPoint[], panel: string): string {
  const own = judged.filter((p) => p.series === title && p.panel === panel);
  const [first, end] = [own[0], own.at(-1)];
  if (first === undefined || end === undefined || first === end) return '';
  const lowest = own.reduce((low, p) => (p.median < low.median ? p : low));
  const risen = end.median > first.median + RISEN;
  return `; decoded, median ${meV(first.median)} -> ${meV(end.median)} meV/atom above the truth, lowest at step ${lowest.step} (${meV(lowest.median)})${risen ? ': exploited' : ''}`;
}
