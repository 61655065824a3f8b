import { parseFormula } from '../../lib/crystal/composition.js';
import { symmetry } from '../../lib/crystal/symmetry.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { knownPolymorphs } from '../../plugins/datasets/simulated/known-polymorphs.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { jsonBlob, type StepContext, type StepFunction } from './context.js';
import { readDataset } from './dataset-artifact.js';
import { type ElementReferences, elementReferences } from './element-references.js';
import { formulaOf } from './filter-crystals.js';
import { formationEnergy, openScorer, relaxAll } from './scoring.js';
import type { KnownCompound, KnownStructure, Truth } from './truth.js';

/** Held-out crystals of one compound that are looked at, lowest first: more would only cost time. */
const HELD_OUT_LIMIT = 10;

/**
 * The truth: every known polymorph of the compounds (those that come with lcoms, and the held-out rows of the data),
 * relaxed by the run's scorer, because energies of different scorers are never compared.
 */
export const knownStructures: StepFunction = async (context) => {
  const { compounds } = context.node.options as unknown as { compounds: string[] };
  const { heldOut, train, validation, info } = await readDataset(context, context.input('data'));
  const scorer = await openScorer(context);
  const second = await scorer.secondOpinion();
  const energyOf = (c: Crystal) => (info.energy.kind === 'formation' ? c.formationEnergyPerAtom : c.energyPerAtom) ?? 0;
  const references = await elementReferences(context, scorer, compounds, [...heldOut, ...train, ...validation]);
  const known: KnownCompound[] = [];
  for (const [i, formula] of compounds.entries()) {
    context.tick({ done: i, total: compounds.length, unit: 'compounds' });
    const fromData = heldOut
      .filter((c) => formulaOf(c) === formula)
      .sort((a, b) => energyOf(a) - energyOf(b))
      .slice(0, HELD_OUT_LIMIT)
      .map((crystal, k) => ({ name: crystal.id ?? `held out ${k + 1}`, crystal }));
    const candidates = [...(await knownPolymorphs(formula)), ...fromData];
    const structures = await relaxed(context, scorer, candidates);
    known.push(await compoundOf(formula, structures, references, second));
  }
  const truth: Truth = {
    scorer: scorer.identity,
    secondScorer: second?.identity ?? null,
    elementReferences: references,
    compounds: known,
  };
  const missing = known.filter((k) => k.structures.length === 0).map((k) => k.formula);
  if (missing.length > 0) context.log(`warning: no known structure of ${missing.join(', ')}: nothing to compare with`);
  return { blobs: [jsonBlob('truth.json', truth)], metrics: { compounds: known.length, withoutTruth: missing.length } };
};

async function relaxed(
  context: StepContext,
  scorer: Scorer,
  candidates: { name: string; crystal: Crystal }[],
): Promise<KnownStructure[]> {
  const results = await relaxAll(
    context,
    scorer,
    candidates.map((c) => c.crystal),
    'polymorphs',
  );
  const structures = results.flatMap((result, i): KnownStructure[] => {
    if (result instanceof LcomsError) {
      if (result.code === 'LCOMS_E_ELEMENT_UNKNOWN') throw result;
      return [];
    }
    if (!result.converged) return [];
    const { number, symbol } = symmetry(result.crystal, 0.05);
    return [
      {
        name: candidates[i]?.name ?? '',
        crystal: result.crystal,
        energyPerAtom: result.energyPerAtom,
        spaceGroup: number,
        spaceGroupSymbol: symbol,
      },
    ];
  });
  return structures.sort((a, b) => a.energyPerAtom - b.energyPerAtom);
}

async function compoundOf(
  formula: string,
  structures: KnownStructure[],
  references: ElementReferences,
  second: Scorer | null,
): Promise<KnownCompound> {
  const lowest = structures[0];
  const [judged] = lowest && second ? await second.evaluate([lowest.crystal]) : [];
  return {
    formula,
    structures,
    formationEnergyPerAtom: lowest ? formationEnergy(references, lowest.crystal, lowest.energyPerAtom) : null,
    elemental: Object.keys(parseFormula(formula)).length === 1,
    secondEnergyPerAtom:
      lowest && judged && !(judged instanceof LcomsError) ? judged.energy / lowest.crystal.species.length : null,
  };
}
