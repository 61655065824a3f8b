import type { Groups } from '../activities/steps/report-groups.js';
import type { ScoreRow } from '../activities/steps/score-row.js';
import type { PlannedNode } from '../schemas/node.js';
import { curveFigure } from './curve-figure.js';
import { areasCsv, areaTable, curvesCsv } from './curve-table.js';
import { curvesOf } from './curves.js';
import { type Provenance, trainingByMethod } from './method-cost.js';
import { tryTimes } from './try-times.js';

/**
 * What compounds in groups have beside the report: curves.csv and areas.csv, curves/GROUP.svg with its Vega-Lite plot, and the
 * areas in words; nothing for a run without groups. Times are in all of them, so they are no part of its result.
 *
 * @param report the planned node of the report
 */
export async function curveFiles(
  nodes: readonly PlannedNode[],
  manifests: ReadonlyMap<string, Provenance>,
  report: PlannedNode | undefined,
  rows: readonly ScoreRow[],
): Promise<{ files: Map<string, string>; words: string }> {
  const { groups, methods = ['lcom'] } = (report?.options ?? {}) as { groups?: Groups; methods?: string[] };
  const files = new Map<string, string>();
  if (!groups || rows.length === 0) return { files, words: '' };
  const tried = tryTimes(nodes, manifests, rows);
  const curves = curvesOf(tried, rows, groups, methods, trainingByMethod(nodes, manifests));
  files.set('curves.csv', curvesCsv(curves));
  files.set('areas.csv', areasCsv(curves));
  // Vega takes a while to load, and few runs have groups.
  const { drawSvg } = await import('../lib/plot/draw.js');
  for (const group of new Set(curves.map((curve) => curve.group))) {
    const plot = curveFigure(curves.filter((curve) => curve.group === group));
    files.set(`curves/${group}.svg`, await drawSvg(plot));
    files.set(`curves/${group}.vl.json`, `${JSON.stringify(plot, null, 1)}\n`);
  }
  return { files, words: areaTable(curves) };
}
