import { ANSWER_STEPS, type MethodCost, secondsOf } from './method-cost.js';
import { table } from './output.js';

/** Random search by numbers of starts, as results.json holds it. */
export interface RandomStartsRow {
  starts: number;
  summary: { compounds: number; matchLowest: number; hitAny: number };
}

/** How many relaxed random starts cost as much CPU time as one answer, its own start included: at least one. */
export function startsAtEqualTime(cost: MethodCost, start: number): number {
  return start > 0 ? Math.max(1, Math.floor(secondsOf(cost) / start)) : 1;
}

/** costs.csv: a line a method. */
export function costsCsv(costs: readonly MethodCost[], start: number): string {
  const steps = ANSWER_STEPS.map((step) => `${step.replace('-structures', '')}_cpu_s`);
  const lines = costs.map((cost) =>
    [
      cost.method,
      cost.answers,
      ...ANSWER_STEPS.map((step) => cost.cpuSeconds[step].toFixed(3)),
      cost.searchSeconds.toFixed(3),
      startsAtEqualTime(cost, start),
    ].join(','),
  );
  return `${[['method', 'answers', ...steps, 'search_wall_s', 'starts_at_equal_time'].join(','), ...lines].join('\n')}\n`;
}

/** What an answer costs, for people; beside what random search finds in the same CPU time where the curve is known. */
export function costTable(costs: readonly MethodCost[], curve: readonly RandomStartsRow[], start: number): string {
  if (costs.length === 0) return '';
  const rows = costs.map((cost) => {
    const k = startsAtEqualTime(cost, start);
    const found = curve.filter(({ starts }) => starts <= k).at(-1);
    const equal =
      found === undefined
        ? '-'
        : `${round(found.summary.matchLowest)}/${found.summary.compounds} (${found.starts} starts)`;
    return [
      cost.method === 'lcom' ? 'search' : cost.method,
      ...ANSWER_STEPS.map((step) => cost.cpuSeconds[step].toFixed(2)),
      cost.searchSeconds.toFixed(2),
      equal,
    ];
  });
  const head = [
    '',
    'start',
    'encode',
    'optimize',
    'decode',
    'search',
    'relax',
    'search, wall',
    'random search in that time',
  ];
  return [
    'CPU seconds an answer by step, trainings not counted (Table 2 of the paper: 2 s of search, 80 s GN-BO, 70,000 s DFT-PSO):',
    table([head, ...rows], [1, 2, 3, 4, 5, 6, 7, 8]),
  ].join('\n');
}

const round = (x: number): string => (Number.isInteger(x) ? String(x) : x.toFixed(1));
