import { expect, test } from 'vitest';
import { costsCsv, costTable, startsAtEqualTime } from '../../cli/cost-table.js';
import { methodCosts, startSeconds } from '../../cli/method-cost.js';
import type { PlannedNode } from '../../schemas/node.js';

const node = (id: string, step: string, needs: Record<string, string> = {}, options = {}): PlannedNode =>
  ({ id, step, needs, options }) as unknown as PlannedNode;

const nodes = [
  node('encoder', 'train-encoder'),
  node('start/MgO', 'start-structures'),
  node('encode/MgO', 'encode', { encoder: 'encoder', crystals: 'start/MgO' }),
  ...['a', 'b'].flatMap((m) => [
    node(`optimize-${m}/MgO`, 'optimize', { latents: 'encode/MgO' }),
    node(`decode-${m}/MgO`, 'decode', { encoder: 'encoder', latents: `optimize-${m}/MgO`, crystals: 'start/MgO' }),
    node(`score-${m}/MgO`, 'score', { decoded: `decode-${m}/MgO`, starts: 'start/MgO' }, { answers: m }),
  ]),
];
const spent = (cpuSeconds: number, metrics = {}) => ({
  metrics,
  provenance: { createdAt: '', seconds: cpuSeconds / 2, cpuSeconds, backend: null, lcoms: '0', node: 'v20' },
});
const manifests = new Map([
  ['encoder', spent(1000)],
  ['start/MgO', spent(8, { tries: 4 })],
  ['encode/MgO', spent(0.4)],
  ['optimize-a/MgO', spent(2, { evaluations: 204 })],
  ['decode-a/MgO', spent(4)],
  ['score-a/MgO', spent(6, { tries: 4 })],
  ['optimize-b/MgO', spent(2)],
]);

test('a method costs what leads to its scores, a try, trainings left out; one that is not done is left out', () => {
  const costs = methodCosts(nodes, manifests);
  expect(costs).toEqual([
    {
      method: 'a',
      answers: 4,
      evaluations: 51,
      cpuSeconds: { 'start-structures': 2, encode: 0.1, optimize: 0.5, decode: 1, search: 0, score: 1.5 },
      searchSeconds: 0.8,
    },
  ]);
  // 5.1 CPU s an answer, 2 a start.
  const start = startSeconds(nodes, manifests);
  expect(start).toBe(2);
  expect(startsAtEqualTime(costs[0] as (typeof costs)[number], start)).toBe(2);
  expect(costsCsv(costs, start).split('\n')[1]).toBe('a,4,2.000,0.100,0.500,1.000,0.000,1.500,0.800,2');
  const curve = [1, 2, 3].map((starts) => ({
    starts,
    summary: { compounds: 26, matchLowest: 10 * starts, hitAny: 0 },
  }));
  expect(costTable(costs, curve, start)).toContain('20/26 (2 starts)');
});

test('a run without scores has no table of costs', () => {
  expect(costTable(methodCosts([node('encoder', 'train-encoder')], manifests), [], 0)).toBe('');
});
