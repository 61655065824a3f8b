// The portfolio of `lcoms predict` against each of its sources alone, at equal CPU seconds, over a set of experiments/hard/sets.json:
//   npm run -s build && node bench/portfolio.mjs DATA.jsonl.gz --out FILE.jsonl [--set validation] [--groups easy,novel]
//     [--limit 5] [--seconds 10 | --tries 20] [--sources portfolio,template] [--seed 0] [--model RUN or FOLDER]
// Truth is the lowest of the file's crystals of the formula, relaxed by the scorer; templates are all other formulas of the file and
// of lcoms, without those of both sets. A line of FILE is a search; those that it has are not done again, so that a longer
// measurement goes on where a shorter one ended. `node bench/portfolio-curves.mjs FILE...` prints what came out.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chosen } from '../dist/activities/dag/compound-sets.js';
import { openDriver } from './portfolio-driver.mjs';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    set: { type: 'string', default: 'validation' },
    groups: { type: 'string' },
    limit: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    tries: { type: 'string' },
    sources: { type: 'string' },
    seed: { type: 'string', default: '0' },
    model: { type: 'string' },
  },
});
const [data] = positionals;
if (!data || !given.out) throw new Error('usage: node bench/portfolio.mjs DATA.jsonl.gz --out FILE.jsonl [options]');
/** What is compared; null: all sources. */
const METHODS = {
  portfolio: null,
  template: ['template'],
  decoration: ['decoration'],
  'walk from decoration': ['walk from decoration'],
  prototype: ['prototype'],
  'training latent': ['training latent'],
  'latent sample': ['latent sample'],
  'random start': ['random start'],
  'symmetric start': ['symmetric start'],
};
const named = given.sources?.split(',') ?? Object.keys(METHODS);
const unknown = named.find((name) => !(name in METHODS));
if (unknown) throw new Error(`no source "${unknown}"; there are ${Object.keys(METHODS).join(', ')}`);
const limits = {
  tries: given.tries ? Number(given.tries) : null,
  seconds: given.seconds || !given.tries ? Number(given.seconds ?? 10) : null,
};

const sets = JSON.parse(readFileSync(new URL('../experiments/hard/sets.json', import.meta.url), 'utf8'));
const hidden = ['validation', 'test'].flatMap((set) => Object.values(sets[set]).flat());
const driver = await openDriver(data, {
  model: given.model,
  seed: given.seed,
  hidden: new Set(hidden.map(({ formula }) => formula)),
});
const keyOf = ({ set, group, formula, method, seed, seconds, tries }) =>
  [set, group, formula, method, seed, seconds, tries].join('/');
const there = existsSync(given.out) ? readFileSync(given.out, 'utf8').trim().split('\n').filter(Boolean) : [];
const done = new Set(there.map((line) => keyOf(JSON.parse(line))));

// By the choice of a run's `limit`, so that the same compounds are measured.
for (const group of given.groups?.split(',') ?? Object.keys(sets[given.set]))
  for (const { formula } of chosen(sets[given.set][group], group, { set: given.set, limit: Number(given.limit) })) {
    const begun = { set: given.set, group, formula, seed: given.seed, ...limits };
    const wanted = named.filter((method) => !done.has(keyOf({ ...begun, method })));
    if (wanted.length === 0) continue;
    const truth = await driver.truth(formula);
    for (const method of wanted) {
      const found = truth && (await driver.search(formula, truth, METHODS[method], limits));
      const row = { ...begun, method, ...(found ?? { events: null }) };
      appendFileSync(given.out, `${JSON.stringify(row)}\n`);
      const last = row.events?.at(-1);
      console.log(
        `${group} ${formula} ${method}: ${row.events === null ? 'no known crystal relaxes' : last ? `${last.above.toFixed(0)} meV${last.match ? ', match' : ''}, ${last.source}` : 'nothing'}`,
      );
    }
  }
process.exit(0);
