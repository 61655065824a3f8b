import type { Plugin } from '../../plugins/contract/define-plugin.js';

/** Evaluations where a spec gives CPU seconds alone: more than these buy. */
const WITHOUT_END = 100_000;

/** Budget options of the steps `optimize` and `search`. */
export interface SearchBudget {
  evaluations?: number;
  cpuSeconds?: number;
}

/** The options that give an optimizer the step's number of evaluations per start; none where the step names no budget. */
export function budgetOptions({ evaluations, cpuSeconds }: SearchBudget, plugin: Plugin): Record<string, unknown> {
  const count = evaluations ?? (cpuSeconds === undefined ? undefined : WITHOUT_END);
  if (count === undefined) return {};
  if (plugin.evaluations) return plugin.evaluations(count);
  return 'budget' in plugin.options.shape ? { budget: count } : {};
}

/** `2 CPU seconds a start (optimize), 5 CPU seconds a start (search)`: for plans and reports. */
export function cpuBudgetsInWords(seconds: Readonly<Record<string, number>>): string {
  return Object.entries(seconds)
    .map(([step, s]) => `${s} CPU seconds a start (${step})`)
    .join(', ');
}
