import { BASELINE_METHODS } from '../../schemas/experiment.js';
import { titleOf } from './report-format.js';
import type { MethodSummary } from './report-summary.js';

/** Methods up to which each pair has a line of its own. */
const FEW = 4;

/** What the counts say: each method against each trivial answer, at one try and at the most tries that both have. */
export function inWords(summary: readonly MethodSummary[]): string[] {
  const trivial = summary.filter((s) => BASELINE_METHODS.includes(s.method));
  const methods = summary.filter((s) => !BASELINE_METHODS.includes(s.method));
  if (methods.length > FEW) return trivial.flatMap((answer) => manyAgainst(methods, answer));
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
  return `${who} ${how} the trivial answer "${titleOf(answer.method)}": ${figure(ours)} against ${figure(theirs)} ${what}.`;
}

/** A line a trivial answer and measure, where a line a pair would be pages. */
function manyAgainst(methods: readonly MethodSummary[], answer: MethodSummary): string[] {
  const tries = Math.min(Math.max(...methods.map((m) => m.tries)), answer.tries);
  const line = (key: 'match1' | 'matchAny', what: string): string => {
    const theirs = answer[key];
    const listed = (title: string, chosen: (ours: number) => boolean): string[] => {
      const those = methods.filter((method) => chosen(method[key]));
      const names = those.map((method) => `${titleOf(method.method)} ${figure(method[key])}`);
      return names.length > 0 ? [`${title}: ${names.join(', ')}`] : [];
    };
    const groups = [
      ...listed('beat it', (ours) => ours > theirs),
      ...listed('equal it', (ours) => ours === theirs),
      ...listed('do NOT beat it', (ours) => ours < theirs),
    ];
    return `The trivial answer "${titleOf(answer.method)}" has ${figure(theirs)} ${what}; ${groups.join('; ')}.`;
  };
  return [
    line('match1', 'strict matches'),
    ...(tries > 1 ? [line('matchAny', `strict matches in ${tries} tries`)] : []),
  ];
}

const figure = (x: number): string => (Number.isInteger(x) ? String(x) : x.toFixed(1));
