import type { PlotSpec } from '../../lib/plot/draw.js';
import { spreadOf } from '../../lib/plot/spread.js';
import type { FigureSources } from './figure-sources.js';
import { panelTitle, SCHEMA, STYLE, seriesColour } from './figure-style.js';
import type { EnergyBesideTruth, ScoreRow } from './score-row.js';

/** Formation energies of starts nearer to 0 (eV/atom) say nothing as a divisor: elements, and compounds like them. */
const LEAST_START = 0.02;

type Stage = 'before' | 'after';
const STAGES: readonly [Stage, string][] = [
  ['before', 'as decoded'],
  ['after', 'after relaxation'],
];

interface Bar {
  series: string;
  formula: string;
  stage: Stage;
  /** Percent, mean over tries and replicates. */
  improvement: number;
}

/**
 * Relative improvement (E_0 - E)/|E_0| of formation energies by composition (Figure 3 of the paper): E_0 of the relaxed
 * random start, E of what the search made of it, as decoded and after relaxation.
 */
export function improvementFigure({ options, rows }: FigureSources): { spec: PlotSpec; words: string[] } {
  const titles = options.series.map(({ title }) => title);
  const bars = options.series.flatMap(({ title, methods }) =>
    options.compounds.flatMap((formula) =>
      STAGES.flatMap(([stage]): Bar[] => {
        const spread = spreadOf(improvements(rows, methods.at(-1)?.method ?? '', formula, stage));
        return spread ? [{ series: title, formula, stage, improvement: 100 * spread.mean }] : [];
      }),
    ),
  );
  const shown = options.compounds.filter((formula) => bars.some((bar) => bar.formula === formula));
  const left = options.compounds.filter((formula) => !shown.includes(formula));
  const without = left.length > 0 ? `; without ${left.join(', ')} (start near 0 or not judged)` : '';
  const step = Math.max(4, Math.min(12, Math.floor(1100 / Math.max(1, shown.length * titles.length))));
  const spec = {
    $schema: SCHEMA,
    title: {
      text: 'Improvement of the formation energy over the relaxed random start',
      subtitle: `(E₀ − E)/|E₀| by composition, mean over tries; above 0: lower energy${without}`,
    },
    vconcat: STAGES.map(([stage, text], i) => ({
      ...{ width: Math.max(1, shown.length) * (titles.length + 1) * step, height: 180 },
      title: panelTitle(`improvement ${text} (%)`),
      data: { values: bars.filter((bar) => bar.stage === stage) },
      mark: { type: 'bar' },
      encoding: {
        x: {
          ...{ field: 'formula', type: 'nominal', sort: shown, title: null },
          axis: { labelAngle: -90, grid: false, labels: i === STAGES.length - 1, ticks: false },
          scale: { domain: shown, paddingInner: 0.25 },
        },
        xOffset: { field: 'series', sort: titles, scale: { domain: titles } },
        y: {
          ...{ field: 'improvement', type: 'quantitative', title: null },
          // Linear up to 1 %, then logarithmic: what is exploited gets worse by orders of magnitude.
          scale: { type: 'symlog', constant: 1 },
          axis: {
            values: [-10_000, -1000, -100, -10, -1, 0, 1, 10, 100, 1000],
            gridColor: { condition: { test: 'datum.value === 0', value: '#666666' }, value: '#ebebeb' },
          },
        },
        color: seriesColour(titles, 'square'),
      },
    })),
    config: STYLE,
  } as unknown as PlotSpec;
  return { spec, words: words(bars, titles) };
}

/** Of each try with its own start; a try that a guard refused counts as decoded, not as relaxed. */
function improvements(rows: readonly ScoreRow[], method: string, formula: string, stage: Stage): number[] {
  const energy = (row: ScoreRow | undefined, at: Stage): number | null | undefined =>
    (row?.[at] as EnergyBesideTruth | null | undefined)?.formationEnergyPerAtom;
  return rows
    .filter((r) => r.method === method && r.formula === formula && (stage === 'before' || r.flags.length === 0))
    .flatMap((row) => {
      const start = rows.find(
        (r) => r.method === 'start' && r.formula === formula && r.try === row.try && r.replicate === row.replicate,
      );
      const [from, to] = [energy(start, 'before'), energy(row, stage)];
      if (from == null || to == null || Math.abs(from) < LEAST_START) return [];
      return [(from - to) / Math.abs(from)];
    });
}

/** Percent; less is the noise of relaxation. */
const LEAST_CHANGE = 0.1;

function words(bars: readonly Bar[], titles: readonly string[]): string[] {
  const percent = (x: number) => `${x.toFixed(1)} %`;
  const lines = titles.map((title) => {
    const parts = STAGES.flatMap(([stage, text]) => {
      const own = bars.filter((bar) => bar.series === title && bar.stage === stage).map((bar) => bar.improvement);
      const spread = spreadOf(own);
      if (spread === null) return [];
      const better = own.filter((x) => x > LEAST_CHANGE).length;
      const worse = own.filter((x) => x < -LEAST_CHANGE).length;
      return [
        `${text} ${better} of ${spread.n} improve and ${worse} get worse, median ${percent(spread.median)} (quartiles ${percent(spread.lower)} to ${percent(spread.upper)})`,
      ];
    });
    return `  ${title}: ${parts.join('; ')}.`;
  });
  return [
    'Improvement over the start. The paper: LCOMs improve nearly every composition (25 of OQMD, 83 of MatBench), SL makes most worse (Figure 3).',
    `Here, by more than ${LEAST_CHANGE} % (starts are relaxed to local minima, so what is only decoded can hardly lie below them):`,
    ...lines,
  ];
}
