import type { Crystal } from '../../schemas/crystal.js';
import { type MatchTolerances, matchStructures } from './matcher.js';

/** A crystal and its energy, eV/atom, by one scorer. */
export interface ScoredCrystal {
  crystal: Crystal;
  energyPerAtom: number;
}

/**
 * Tighter than the tolerances of published match rates: at stol 0.5 nearly all crystals of two atoms are alike, and
 * polymorphs would be joined.
 */
export const SAME_STRUCTURE: MatchTolerances = { ltol: 0.1, stol: 0.1, angleTol: 5 };

/**
 * Whether two crystals are one structure, whatever cells they are given in: StructureMatcher with tight tolerances, and
 * energies that differ by at most `energyTolerance` (eV/atom), since the matcher does not compare volumes.
 */
export function sameStructure(a: ScoredCrystal, b: ScoredCrystal, energyTolerance: number): boolean {
  if (!(Math.abs(a.energyPerAtom - b.energyPerAtom) <= energyTolerance)) return false;
  return matchStructures(a.crystal, b.crystal, SAME_STRUCTURE).match;
}
