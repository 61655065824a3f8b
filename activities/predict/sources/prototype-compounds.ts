import { compositionOf, parseFormula, reducedFormula } from '../../../lib/crystal/composition.js';
import { bestSubstitution, substitute } from '../../../lib/crystal/substitution.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import type { Template } from './templates.js';

/**
 * The compounds that the library says to have each of its structure types, as crystals: which of their elements is where nobody
 * says, so those are put where the most similar ones of the type's own compound are.
 */
export function prototypeCompounds(): Template[] {
  return STRUCTURE_TYPES.flatMap((type) => {
    const crystal = crystalOf(type);
    const own = compositionOf(crystal.species);
    const others = (type.like ?? []).flatMap((formula): Template[] => {
      const composition = parseFormula(formula);
      const way = bestSubstitution(own, composition);
      return way ? [{ name: reducedFormula(composition), crystal: substitute(crystal, way.replace) }] : [];
    });
    return [{ name: reducedFormula(own), crystal }, ...others];
  });
}
