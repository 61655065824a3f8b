import { BINARY26 } from '../../plugins/datasets/simulated/binary26.js';
import { aligned, titleOf, withSpread } from './report-format.js';
import type { MethodSummary } from './report-summary.js';

/** Compounds of 26 that a method of the LCOMs paper found, Table 1; null where it gives no figure. */
export const PUBLISHED_TABLE_1: readonly { method: string; oqmd: number | null; matbench: number | null }[] = [
  { method: 'RAS', oqmd: 17, matbench: 18 },
  { method: 'PSO', oqmd: 6, matbench: 13 },
  { method: 'BO', oqmd: 16, matbench: 10 },
  { method: 'SL', oqmd: 5, matbench: null },
  { method: 'CD-VAE', oqmd: 6, matbench: null },
  { method: 'LCOMs', oqmd: 16, matbench: 19 },
];

/** Seconds of optimization per structure, Table 2. */
export const PUBLISHED_TABLE_2: Readonly<Record<string, number>> = { 'DFT-PSO': 70_000, 'GN-BO': 80, LCOMs: 2 };

const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');

/**
 * The published counts beside ours, for a run over the paper's compounds; no lines for another set. The paper's own rule is
 * its only measure, printed there with a sign that nothing could fail; ours has it mended.
 */
export function publishedTable(summary: readonly MethodSummary[], compounds: readonly string[]): string[] {
  const wanted = Object.keys(BINARY26);
  if (wanted.length !== compounds.length || !wanted.every((formula) => compounds.includes(formula))) return [];
  const ours = new Map(summary.map((s) => [plain(s.method === 'lcom' ? 'LCOMs' : s.method), s]));
  const cell = (s: MethodSummary | undefined, key: 'paperBefore' | 'match1') =>
    s === undefined ? '-' : withSpread(s[key], s.spread[key]);
  const published = PUBLISHED_TABLE_1.map(({ method, oqmd, matbench }) => {
    const own = ours.get(plain(method));
    return [method, String(oqmd ?? '-'), String(matbench ?? '-'), cell(own, 'paperBefore'), cell(own, 'match1')];
  });
  const names = new Set(PUBLISHED_TABLE_1.map(({ method }) => plain(method)));
  const more = summary
    .filter((s) => s.method !== 'lcom' && !names.has(plain(s.method)))
    .map((s) => [titleOf(s.method), '-', '-', cell(s, 'paperBefore'), cell(s, 'match1')]);
  return [
    'Published (Table 1 of the LCOMs paper, of 26 by its energy rule; RAS, PSO and BO on OQMD by looking) beside ours:',
    ...aligned([['method', 'OQMD', 'MatBench', 'ours, paper rule', 'ours, strict'], ...published, ...more]),
    '',
  ];
}
