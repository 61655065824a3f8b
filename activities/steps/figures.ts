import type { PlotSpec } from '../../lib/plot/draw.js';
import type { NamedBytes } from '../../plugins/contract/context.js';
import type { StepFunction } from './context.js';
import { improvementFigure } from './figure-improvement.js';
import { searchFigure } from './figure-search.js';
import { type FigureOptions, type FigureSources, figureSources } from './figure-sources.js';
import { trainingFigure } from './figure-training.js';

const FIGURES: Readonly<
  Record<FigureOptions['draw'][number], (sources: FigureSources) => { spec: PlotSpec; words: string[] }>
> = { search: searchFigure, improvement: improvementFigure, training: trainingFigure };

/**
 * The figures of a run: each as SVG and as the Vega-Lite plot that it was drawn from (its data are in it), and
 * figures.txt: what the paper claims beside what was measured. Equal runs give equal bytes.
 */
export const figures: StepFunction = async (context) => {
  const sources = await figureSources(context);
  // With the first figure only: it brings a third of all modules that a compute process would start with.
  const { drawSvg } = await import('../../lib/plot/draw.js');
  const blobs: NamedBytes[] = [];
  const text: string[] = [];
  for (const name of sources.options.draw) {
    const { spec, words } = FIGURES[name](sources);
    blobs.push({ name: `${name}.svg`, bytes: Buffer.from(await drawSvg(spec)) });
    blobs.push({ name: `${name}.vl.json`, bytes: Buffer.from(`${JSON.stringify(spec, null, 1)}\n`) });
    text.push(...words, '');
    context.tick({ done: blobs.length / 2, total: sources.options.draw.length, unit: 'figures' });
  }
  return {
    blobs: [...blobs, { name: 'figures.txt', bytes: Buffer.from(text.join('\n')) }],
    metrics: { figures: sources.options.draw.length },
  };
};
