import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ScorerIdentity } from '../../schemas/score.js';
import type { ElementReferences } from './element-references.js';

/** A known polymorph, relaxed by the run's scorer. */
export interface KnownStructure {
  /** Prototype name or id in the data. */
  name: string;
  crystal: Crystal;
  /** eV/atom, by the run's scorer. */
  energyPerAtom: number;
  spaceGroup: number;
  spaceGroupSymbol: string;
}

/** What a compound is compared with. */
export interface KnownCompound {
  formula: string;
  /** Lowest first; empty when nothing is known of the compound: then nothing is compared. */
  structures: KnownStructure[];
  /** Formation energy of the lowest one, eV/atom; null without element references. */
  formationEnergyPerAtom: number | null;
  /** One element: the formation energy of the truth is zero by definition and the paper's ratio undefined. */
  elemental: boolean;
  /** Energy of the lowest one by the scorer's second opinion, eV/atom; null without one. */
  secondEnergyPerAtom: number | null;
}

/** The truth: the lowest of the known structures by the run's own scorer. */
export interface Truth {
  scorer: ScorerIdentity;
  secondScorer: ScorerIdentity | null;
  /** Energy of each element's lowest crystal by the scorer, eV/atom: formation energies count from them. */
  elementReferences: ElementReferences;
  compounds: KnownCompound[];
}

/** @throws LcomsError LCOMS_E_INTERNAL when the plan asks for a compound that the truth was not made for. */
export function knownCompound(truth: Truth, formula: string): KnownCompound {
  const found = truth.compounds.find((c) => c.formula === formula);
  if (!found) throw new LcomsError('LCOMS_E_INTERNAL', `the known structures have no entry of ${formula}`);
  return found;
}
