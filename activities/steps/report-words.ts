import { BASELINE_METHODS } from '../../schemas/experiment.js';
import { titleOf } from './report-format.js';
import type { MethodSummary } from './report-summary.js';

/** What the counts say: each method against each trivial answer, at one try and at the most tries that both have. */
export function inWords(summary: readonly MethodSummary[]): string[] {
  const trivial = summary.filter((s) => BASELINE_METHODS.includes(s.method));
  const methods = summary.filter((s) => !BASELINE_METHODS.includes(s.method));
  return methods.flatMap((method) =>
    trivial.flatMap((answer) => {
      const several = Math.min(method.tries, answer.tries);
      return [
        compare(method, answer, method.match1, answer.match1, 'strict matches'),
        ...(several > 1
          ? [compare(method, answer, method.matchAny, answer.matchAny, `strict matches in ${method.tries} tries`)]
          : []),
      ];
    }),
  );
}

function compare(method: MethodSummary, answer: MethodSummary, ours: number, theirs: number, what: string): string {
  const who = method.method === 'lcom' ? 'The search' : titleOf(method.method);
  const how = ours > theirs ? 'beats' : ours === theirs ? 'equals' : 'does NOT beat';
  const figure = (x: number) => (Number.isInteger(x) ? String(x) : x.toFixed(1));
  return `${who} ${how} the trivial answer "${titleOf(answer.method)}": ${figure(ours)} against ${figure(theirs)} ${what}.`;
}
