// What portfolio.mjs measured: node bench/portfolio-curves.mjs FILE.jsonl...
// By group and method: compounds whose lowest structure is within 10 meV/atom of the truth, or below it, after so many CPU seconds;
// whose lowest structure, whose first answer, and any, matches the truth at the end; and, compound by compound, how often a method ends within 1
// meV/atom of the lowest that any method found. Compounds that some method was not tried on are left out.
import { readFileSync } from 'node:fs';

const HIT = 10;
const SAME = 1;
const rows = process.argv
  .slice(2)
  .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse))
  .filter(({ events }) => events !== null);
if (rows.length === 0) throw new Error('usage: node bench/portfolio-curves.mjs FILE.jsonl...');
const methods = [...new Set(rows.map(({ method }) => method))];
const search = (formula, method) => rows.find((row) => row.formula === formula && row.method === method);
const complete = (formula) => methods.every((method) => search(formula, method));
const longest = Math.max(...rows.map(({ cpu }) => cpu));
const times = [0.5, 1, 2, 5, 10, 20, 50, 100].filter((t) => t < longest * 1.1);

const stateAt = (row, time) => row.events.findLast(({ cpu }) => cpu <= time);
const end = (row) => row.events.at(-1);
const above = (row) => end(row)?.above ?? Number.POSITIVE_INFINITY;
const count = (all, is) => `${all.filter(is).length}/${all.length}`;

function table(group, formulas) {
  console.log(
    `\n${group}: hits after ${times.join(', ')} CPU s; lowest, first, any matches; as low as any method; CPU s`,
  );
  for (const method of methods) {
    const own = formulas.map((formula) => search(formula, method));
    const hits = times.map(
      (t) => own.filter((row) => (stateAt(row, t)?.above ?? Number.POSITIVE_INFINITY) <= HIT).length,
    );
    const lowest = formulas.map((formula) => Math.min(...methods.map((m) => above(search(formula, m)))));
    console.log(
      [
        method.padEnd(20),
        hits.map((n) => String(n).padStart(3)).join(' '),
        count(own, (row) => end(row)?.match),
        own.some(({ first }) => first) ? count(own, (row) => row.first?.match) : '-',
        count(own, (row) => row.events.some(({ any }) => any)),
        `${own.filter((row, i) => above(row) <= lowest[i] + SAME).length}/${own.length}`,
        own.reduce((sum, { cpu }) => sum + cpu, 0).toFixed(0),
      ].join('  '),
    );
  }
}

const groups = [...new Set(rows.map(({ group }) => group))];
const of = (group) =>
  [...new Set(rows.filter((row) => row.group === group).map(({ formula }) => formula))].filter(complete);
for (const group of groups) table(group, of(group));
table('all', groups.flatMap(of));
