import { cpuBudgetsInWords } from '../activities/dag/search-budget.js';
import type { PlannedNode } from '../schemas/node.js';
import type { Output } from './output.js';

/** Says on stderr, in a line, that searches with a budget of CPU seconds do not repeat. */
export function warnOfCpuBudgets(output: Output, nodes: readonly PlannedNode[]): void {
  const seconds: Record<string, number> = {};
  for (const { step, options } of nodes) {
    const each = options['cpuSeconds'];
    if (typeof each === 'number') seconds[step] = each;
  }
  if (Object.keys(seconds).length === 0) return;
  output.warn(`warning: searches end after ${cpuBudgetsInWords(seconds)}: another run may give other bytes`);
}
