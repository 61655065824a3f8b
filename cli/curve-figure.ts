import { COLOURS, panelTitle, SCHEMA, STYLE, seriesColour } from '../activities/steps/figure-style.js';
import { titleOf } from '../activities/steps/report-format.js';
import type { PlotSpec } from '../lib/plot/draw.js';
import { type Curve, GRID, RANGE } from './curves.js';

/** More methods than other figures have: thirteen can be told apart. */
const MORE_COLOURS = [...COLOURS, '#000000', '#8C564B', '#B8A400', '#7B2CBF', '#FF4FA3', '#7FBF4D'];

const PANELS = [
  ['hit', 'hit: within 10 meV/atom, or below (%)'],
  ['match', 'structure matched (%)'],
] as const;

interface Point {
  series: string;
  seconds: number;
  /** Percent. */
  share: number;
  part: 'tried' | 'used up';
}

/** The curves of one group: a line a method, broken where the tries of half of the compounds are used up. */
export function curveFigure(curves: readonly Curve[]): PlotSpec {
  const [first] = curves as [Curve, ...Curve[]];
  const titles = curves.map(({ method }) => titleOf(method));
  // Up to a whole decade after the last try.
  const last = Math.max(...curves.flatMap(({ points }) => points.find((p) => p.usedUp >= 1)?.seconds ?? RANGE[1]));
  const end = 10 ** Math.ceil(Math.log10(last) - 1e-9);
  const ticks = GRID.filter((_, i) => i % 20 === 0);
  return {
    $schema: SCHEMA,
    title: {
      text: `${first.group}: ${first.compounds} compounds`,
      subtitle: 'share found within t CPU seconds a compound, trainings not counted; broken lines: tries used up',
    },
    hconcat: PANELS.map(([what, title]) => ({
      ...{ width: 330, height: 250 },
      title: panelTitle(title),
      layer: (['tried', 'used up'] as const).map((part) => ({
        data: { values: curves.flatMap((curve) => pointsOf(curve, what)).filter((p) => p.part === part) },
        mark: {
          ...{ type: 'line', interpolate: 'step-after', strokeWidth: part === 'tried' ? 2 : 1.2 },
          ...(part === 'used up' && { strokeDash: [2, 3], opacity: 0.7 }),
        },
        encoding: {
          x: {
            ...{ field: 'seconds', type: 'quantitative', title: 'CPU seconds a compound' },
            scale: { type: 'log', domain: [RANGE[0], end], clamp: true },
            axis: { values: ticks.filter((t) => t <= end), format: '~g', grid: true },
          },
          y: {
            ...{ field: 'share', type: 'quantitative', title: null, scale: { domain: [0, 100] } },
          },
          color: seriesColour(titles, 'stroke', MORE_COLOURS),
        },
      })),
    })),
    config: STYLE,
  } as unknown as PlotSpec;
}

function pointsOf({ method, points }: Curve, what: 'hit' | 'match'): Point[] {
  const series = titleOf(method);
  const used = points.findIndex(({ usedUp }) => usedUp >= 0.5);
  return points.flatMap((point, i): Point[] => {
    const at = { series, seconds: point.seconds, share: 100 * point[what].share };
    const tried = used < 0 || i <= used;
    // The two parts meet.
    return i === used
      ? [
          { ...at, part: 'tried' },
          { ...at, part: 'used up' },
        ]
      : [{ ...at, part: tried ? 'tried' : 'used up' }];
  });
}
