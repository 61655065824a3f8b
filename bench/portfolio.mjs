// The portfolio of `lcoms predict` against each of its sources alone, at equal CPU seconds:
//   npm run -s build && node bench/portfolio.mjs DATA.jsonl.gz [--seconds 4] [--seed 0] [--model RUN or FOLDER]
//     [--set validation [--limit 5]]
// Twelve formulas of 3 to 12 atoms, six binaries and six ternaries, are drawn from the file by the seed; or those of a set of
// experiments/hard/sets.json, `limit` a group. Truth is the lowest of the file's crystals of the formula, relaxed by the scorer;
// templates are all other formulas of the file and of lcoms, without those of both sets where one is asked for.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';

const at = (file) => import(new URL(`../dist/${file}`, import.meta.url).href);
const { Rng } = await at('lib/random/rng.js');
const { compositionOf, reducedComposition, reducedFormula, atomsIn } = await at('lib/crystal/composition.js');
const { readCrystals } = await at('lib/crystal/io/read.js');
const { matchStructures } = await at('lib/crystal/matcher.js');
const { relaxMany } = await at('lib/relax/relax.js');
const { minimumGuard, REFERENCE_MARGIN } = await at('lib/scoring/guards.js');
const { spreadTries, chooseUnits } = await at('activities/predict/cells.js');
const { latentDescent } = await at('activities/predict/descent.js');
const { searchCompound } = await at('activities/predict/search.js');
const { cpuSeconds } = await at('activities/predict/ledger.js');
const { judgeAgain } = await at('activities/predict/second-opinion.js');
const { embeddedTemplates, templatesOf } = await at('activities/predict/sources/template-data.js');
const { findModel } = await at('cli/find-model.js');
const { loadModel } = await at('cli/open-model.js');
const { openScorer } = await at('cli/open-scorer.js');

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '4' },
    seed: { type: 'string', default: '0' },
    model: { type: 'string' },
    set: { type: 'string' },
    limit: { type: 'string', default: '5' },
  },
});
const [file] = positionals;
const { seconds: budget, seed } = given;
if (!file) throw new Error('usage: node bench/portfolio.mjs DATA.jsonl.gz [--seconds 4] [--seed 0] [--set validation]');
const sets = JSON.parse(readFileSync(new URL('../experiments/hard/sets.json', import.meta.url), 'utf8'));
const PER_KIND = 6;
const METHODS = {
  portfolio: null,
  template: ['template'],
  decoration: ['decoration'],
  'walk from decoration': ['walk from decoration'],
  prototype: ['prototype'],
  'training latent': ['training latent'],
  'latent sample': ['latent sample'],
  'random start': ['random start', 'walk from random start'],
  'symmetric start': ['symmetric start'],
};

const scorer = await openScorer(undefined, undefined);
const second = await scorer.secondOpinion();
const crystals = (await readCrystals(file)).flatMap((row) => ('crystal' in row ? [row.crystal] : []));
const byFormula = new Map();
for (const crystal of crystals) {
  const formula = reducedFormula(compositionOf(crystal.species));
  byFormula.set(formula, [...(byFormula.get(formula) ?? []), crystal]);
}
const lowest = (formula) =>
  byFormula.get(formula).reduce((a, b) => (a.formationEnergyPerAtom <= b.formationEnergyPerAtom ? a : b));
const fits = (formula, kinds) => {
  const { species } = lowest(formula);
  const elements = new Set(species);
  return (
    elements.size === kinds &&
    species.length >= 3 &&
    species.length <= 12 &&
    [...elements].every((e) => scorer.elements.has(e))
  );
};
const rng = Rng.from(`bench-portfolio/${seed}`);
const shuffled = rng.shuffle([...byFormula.keys()]);
const [binaries, ternaries] = [2, 3].map((kinds) => shuffled.filter((f) => fits(f, kinds)).slice(0, PER_KIND));
/** Formulas by group. */
const groups = given.set
  ? Object.entries(sets[given.set]).map(([group, all]) => [
      group,
      all.slice(0, Number(given.limit)).map((c) => c.formula),
    ])
  : [['drawn', binaries.flatMap((formula, i) => [formula, ternaries[i]])]];
const hidden = new Set(
  given.set
    ? ['validation', 'test'].flatMap((set) =>
        Object.values(sets[set])
          .flat()
          .map((c) => c.formula),
      )
    : [],
);
const templates = [...(await templatesOf(file)), ...(await embeddedTemplates())].filter(
  ({ name }) => !hidden.has(name),
);

const found = await findModel(given.model);
const model = await loadModel(found, { seed: `bench/${seed}` });
const optimizer = await latentDescent(model.reference.length / model.encoder.dimension);
const fresh = () =>
  Object.fromEntries(Object.keys(METHODS).map((m) => [m, { hits: 0, matches: 0, any: 0, above: [], cpu: 0 }]));
console.log(
  `${os.cpus()[0].model}, ${os.cpus().length} cores, Node ${process.version}; seed ${seed}, ${budget} CPU s a search`,
);
console.log(`meV/atom above the truth (m: match), sources of the portfolio's best`);
/** What has been measured so far of a group. */
function summary(group, score) {
  console.log(
    `\n${group}: method, <= 10 meV, lowest matches, any matches, at or below every other method (1 meV), CPU s`,
  );
  const rows = Object.entries(score);
  for (const [method, { hits, matches, any, above, cpu }] of rows) {
    const best = above.filter((a, i) => rows.every(([, other]) => a <= other.above[i] + 1)).length;
    console.log(
      `${method}, ${hits}/${above.length}, ${matches}/${above.length}, ${any}/${above.length}, ${best}/${above.length}, ${cpu.toFixed(0)}`,
    );
  }
}

for (const [group, formulas] of groups) {
  const score = fresh();
  for (const formula of formulas) {
    const known = byFormula.get(formula);
    const relaxed = (await relaxMany((c) => scorer.evaluate(c), known, {})).filter(
      (r) => r.crystal && minimumGuard(r).ok,
    );
    relaxed.sort((a, b) => a.energyPerAtom - b.energyPerAtom);
    const truth = relaxed[0];
    if (!truth) {
      console.log(`${formula}: no crystal of it relaxes`);
      continue;
    }
    const unit = reducedComposition(compositionOf(known[0].species));
    const units = chooseUnits(formula, unit, { seen: found.info.trained?.atoms ?? null, unseen: false });
    const line = [];
    for (const [method, sources] of Object.entries(METHODS)) {
      const begun = cpuSeconds();
      const { answers } = await searchCompound(
        spreadTries(unit, units, (units.length * (units.length + 1)) / 2),
        model,
        optimizer,
        scorer,
        Rng.from(`bench/${seed}/${formula}`),
        { signal: new AbortController().signal },
        {
          tries: Infinity,
          budget: Number(budget),
          sources,
          templates: templates.filter(({ name }) => name !== formula),
        },
      );
      const s = score[method];
      s.cpu += cpuSeconds() - begun;
      // As lcoms predict does: holes of the scorer go, and nothing far below the truth counts.
      const { kept } = await judgeAgain(answers, second);
      const best = kept
        .map(({ answer }) => answer)
        .find((a) => a.energyPerAtom > truth.energyPerAtom - REFERENCE_MARGIN);
      const above = best ? 1000 * (best.energyPerAtom - truth.energyPerAtom) : Infinity;
      const match = best ? matchStructures(best.crystal, truth.crystal).match : false;
      if (kept.some(({ answer }) => matchStructures(answer.crystal, truth.crystal).match)) s.any++;
      s.above.push(above);
      if (above <= 10) s.hits++;
      if (match) s.matches++;
      line.push(
        `${method} ${above.toFixed(0)}${match ? 'm' : ''}${method === 'portfolio' && best ? ` (${best.origin.source} ${best.origin.note})` : ''}`,
      );
    }
    console.log(`${formula} ${atomsIn(unit)}x${truth.crystal.species.length / atomsIn(unit)}: ${line.join(', ')}`);
  }
  summary(group, score);
}
process.exit(0);
