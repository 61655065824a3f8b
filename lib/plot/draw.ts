import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { LcomsError } from '../../schemas/errors.js';

export type PlotSpec = TopLevelSpec;

/** Vega counts the ids of clip paths for the whole process; its types leave the way to start over out. */
const { resetSVGDefIds } = vega as unknown as { resetSVGDefIds(): void };

/** Drawings wait for each other: ids that two of them counted together would depend on who was first. */
let last: Promise<unknown> = Promise.resolve();

/** A Vega-Lite plot as SVG, without a browser. The same spec gives the same bytes. */
export function drawSvg(spec: PlotSpec): Promise<string> {
  const drawn = last.then(() => draw(spec));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(spec: PlotSpec): Promise<string> {
  resetSVGDefIds();
  const warnings: string[] = [];
  const logger = vega.logger(vega.Warn, undefined, (_method, _level, what) => void warnings.push(what.join(' ')));
  const compiled = compile(spec, { logger });
  if (warnings.length > 0) throw new LcomsError('LCOMS_E_INTERNAL', `a plot is not drawn as asked: ${warnings[0]}`);
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
