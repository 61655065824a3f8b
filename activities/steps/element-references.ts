import { parseFormula } from '../../lib/crystal/composition.js';
import { minimumGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { prototypeStarts } from '../../plugins/datasets/simulated/prototypes.js';
import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { StepContext } from './context.js';
import { formulaOf } from './filter-crystals.js';
import { relaxAll } from './scoring.js';

/** Energy of each element's lowest crystal by the run's scorer, eV/atom; an element without one is left out. */
export type ElementReferences = Readonly<Record<string, number>>;

/** Crystals of one element from the data that are looked at. */
const FROM_DATA = 5;

/**
 * The element references of the compounds' elements: those that come with the scorer; else of each element the lowest
 * relaxed crystal among the common structure types and those in the data that no guard refuses, by the same scorer.
 * Part of the truth, and so an artifact with a key of its own.
 */
export async function elementReferences(
  context: StepContext,
  scorer: Scorer,
  compounds: readonly string[],
  data: readonly Crystal[],
): Promise<ElementReferences> {
  const elements = [...new Set(compounds.flatMap((formula) => Object.keys(parseFormula(formula))))].sort();
  const shipped = scorer.elementReferences;
  if (shipped) return Object.fromEntries(elements.flatMap((e) => (shipped[e] === undefined ? [] : [[e, shipped[e]]])));
  const references: Record<string, number> = {};
  for (const element of elements.filter((e) => scorer.elements.has(e))) {
    const own = data.filter((crystal) => formulaOf(crystal) === element).slice(0, FROM_DATA);
    const starts = [...prototypeStarts({ [element]: 1 }).map(({ crystal }) => crystal), ...own];
    const energies = (await relaxAll(context, scorer, starts, `crystals of ${element}`)).flatMap((result) => {
      if (result instanceof LcomsError) return [];
      return minimumGuard(result).ok ? [result.energyPerAtom] : [];
    });
    if (energies.length > 0) references[element] = Math.min(...energies);
    else context.log(`warning: no crystal of ${element} relaxed to a sane minimum: no formation energies with it`);
  }
  return references;
}
