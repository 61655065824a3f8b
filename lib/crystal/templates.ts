import type { Crystal } from '../../schemas/crystal.js';
import { compositionOf, reducedFormula } from './composition.js';
import { nearestRelabelled, type Relabelling } from './relabel.js';

/** A crystal made from a known one. */
export interface Template extends Relabelling {
  /** Reduced formula of the crystal that it was made from. */
  from: string;
}

/**
 * The known crystals that lend themselves best to a compound, its atoms put on their sites, the most alike first; ties by
 * place in `known`. Any stoichiometry serves that has as many atoms: AB2O8 may answer for A3O8.
 * @param species one symbol an atom of the cell
 * @param known crystals in primitive cells
 */
export function nearestTemplates(species: readonly string[], known: readonly Crystal[], count: number): Template[] {
  const found: Template[] = [];
  for (const { known: template, made } of nearestRelabelled(known, species)) {
    if (found.length >= count) break;
    found.push({ ...made, from: reducedFormula(compositionOf(template.species)) });
  }
  return found;
}
