// Truths and timed searches for portfolio.mjs.
const at = (file) => import(new URL(`../dist/${file}`, import.meta.url).href);
const { Rng } = await at('lib/random/rng.js');
const { compositionOf, reducedComposition, reducedFormula } = await at('lib/crystal/composition.js');
const { readCrystals } = await at('lib/crystal/io/read.js');
const { matchStructures } = await at('lib/crystal/matcher.js');
const { relaxMany } = await at('lib/relax/relax.js');
const { minimumGuard, REFERENCE_MARGIN } = await at('lib/scoring/guards.js');
const { spreadTries, chooseUnits } = await at('activities/predict/cells.js');
const { latentDescent } = await at('activities/predict/descent.js');
const { supportOf } = await at('activities/predict/precedents.js');
const { rankAnswers } = await at('activities/predict/rank.js');
const { searchCompound } = await at('activities/predict/search.js');
const { cpuSeconds } = await at('activities/predict/ledger.js');
const { judgeAgain } = await at('activities/predict/second-opinion.js');
const { embeddedTemplates, templatesOf } = await at('activities/predict/sources/template-data.js');
const { prototypeCompounds } = await at('activities/predict/sources/prototype-compounds.js');
const { findModel } = await at('cli/find-model.js');
const { loadModel } = await at('cli/open-model.js');
const { openScorer } = await at('cli/open-scorer.js');

/** @param hidden formulas that are no templates */
export async function openDriver(data, { model: named, seed, hidden }) {
  const scorer = await openScorer(undefined, undefined);
  const second = await scorer.secondOpinion();
  const byFormula = new Map();
  for (const row of await readCrystals(data)) {
    if (!('crystal' in row)) continue;
    const formula = reducedFormula(compositionOf(row.crystal.species));
    byFormula.set(formula, [...(byFormula.get(formula) ?? []), row.crystal]);
  }
  const templates = [...(await templatesOf(data)), ...(await embeddedTemplates())].filter(
    ({ name }) => !hidden.has(name),
  );
  const precedents = [...templates, ...prototypeCompounds().filter(({ name }) => !hidden.has(name))];
  const found = await findModel(named);
  const model = await loadModel(found, { seed: `bench/${seed}` });
  const optimizer = await latentDescent(model.reference.length / model.encoder.dimension);

  return {
    /** The lowest of the known crystals, relaxed; undefined where none relaxes to a solid. */
    async truth(formula) {
      const relaxed = await relaxMany((c) => scorer.evaluate(c), byFormula.get(formula), {});
      return relaxed
        .filter((r) => r.crystal && minimumGuard(r).ok)
        .sort((a, b) => a.energyPerAtom - b.energyPerAtom)[0];
    },

    /**
     * One search. `events`: each time that the lowest structure changed or a new one was found, CPU seconds since the beginning,
     * meV/atom of the lowest above the truth, whether it matches the truth, and whether any structure does. What the second
     * opinion calls a hole at the end, and what lies further below the truth than a discovery may, counts at no time. `first`: the
     * first answer of `lcoms predict`, which ranks by precedents too.
     */
    async search(formula, truth, sources, { seconds, tries }) {
      const unit = reducedComposition(compositionOf(truth.crystal.species));
      const units = chooseUnits(formula, unit, { seen: found.info.trained?.atoms ?? null, unseen: false });
      const begun = cpuSeconds();
      const seen = [];
      const outcome = await searchCompound(
        spreadTries(unit, units, (units.length * (units.length + 1)) / 2),
        model,
        optimizer,
        scorer,
        Rng.from(`bench/${seed}/${formula}`),
        {
          signal: new AbortController().signal,
          onAnswer: (ranked) =>
            seen.push({
              cpu: cpuSeconds() - begun,
              answers: ranked.map((answer) => ({
                answer,
                crystal: answer.crystal,
                energyPerAtom: answer.energyPerAtom,
                source: answer.origin.source,
              })),
            }),
        },
        { tries: tries ?? Number.POSITIVE_INFINITY, budget: seconds, sources, templates },
      );
      const cpu = cpuSeconds() - begun;
      const { kept: judged } = await judgeAgain(outcome.answers, second);
      const kept = new Set(judged.map(({ answer }) => answer));
      const verdicts = new Map();
      const matches = (crystal) => {
        if (!verdicts.has(crystal)) verdicts.set(crystal, matchStructures(crystal, truth.crystal).match);
        return verdicts.get(crystal);
      };
      const events = seen.flatMap(({ cpu, answers }) => {
        const counted = answers.filter(
          ({ answer, energyPerAtom }) => kept.has(answer) && energyPerAtom >= truth.energyPerAtom - REFERENCE_MARGIN,
        );
        const best = counted[0];
        if (!best) return [];
        const above = 1000 * (best.energyPerAtom - truth.energyPerAtom);
        const any = counted.some(({ crystal }) => matches(crystal));
        return [{ cpu, above, match: matches(best.crystal), any, source: best.source }];
      });
      const supports = supportOf(
        unit,
        judged.map(({ answer }) => answer.crystal),
        precedents,
      );
      const [ranked] = rankAnswers(judged, supports, {
        order: 'precedents',
        tries: outcome.finished,
        complete: outcome.complete,
        unseen: [],
        lowestKnown: null,
        fileOf: () => null,
      });
      const first = ranked && {
        above: 1000 * (ranked.prediction.energyPerAtom - truth.energyPerAtom),
        match: matches(ranked.crystal),
      };
      return { cpu, finished: outcome.finished, events, first, accounts: outcome.accounts };
    },
  };
}
