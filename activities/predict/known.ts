import { reducedFormula } from '../../lib/crystal/composition.js';
import { minimaOf } from '../../lib/crystal/io/rows.js';
import { binary26Polymorphs } from '../../plugins/datasets/simulated/binary26.js';
import { simulatedDataset } from '../../plugins/datasets/simulated/index.js';
import { testContext } from '../../plugins/testing/test-context.js';
import type { Composition } from '../../schemas/crystal.js';
import { type ScorerIdentity, sameScorer } from '../../schemas/score.js';
import { type Candidate, dropHoles, formulaOf, HOLE_THRESHOLD } from '../steps/filter-crystals.js';

/** The lowest structure of a composition that comes with lcoms, eV/atom by the scorer asked for. */
export interface KnownLowest {
  name: string;
  energyPerAtom: number;
}

/**
 * Looks a composition up in the embedded data: known polymorphs and simulated minima. null where there is none by the same
 * scorer, since energies of different scorers are never compared.
 */
export async function lowestKnown(unit: Composition, scorer: ScorerIdentity): Promise<KnownLowest | null> {
  const formula = reducedFormula(unit);
  const polymorphs = binary26Polymorphs()
    .filter((row) => row.formula === formula && sameScorer(row.scorer, scorer))
    .map((row): KnownLowest => ({ name: row.prototype, energyPerAtom: row.energyPerAtom }));
  const known = [...polymorphs, ...(await simulatedMinima(formula, scorer))];
  return known.sort((a, b) => a.energyPerAtom - b.energyPerAtom)[0] ?? null;
}

async function simulatedMinima(formula: string, scorer: ScorerIdentity): Promise<KnownLowest[]> {
  const dataset = await simulatedDataset.create({}, testContext());
  const { rows, energy } = await dataset.load();
  if (energy.kind !== 'total' || energy.scorer === null || !sameScorer(energy.scorer, scorer)) return [];
  const candidates = minimaOf(rows).flatMap((crystal): Candidate[] =>
    crystal.energyPerAtom !== undefined && formulaOf(crystal) === formula
      ? [{ crystal, formula, energy: crystal.energyPerAtom }]
      : [],
  );
  return dropHoles(candidates, HOLE_THRESHOLD).kept.map((c) => ({
    name: c.crystal.id ?? 'simulated',
    energyPerAtom: c.energy,
  }));
}
