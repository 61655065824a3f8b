import { parseFormula, reducedFormula } from '../../lib/crystal/composition.js';
import { BINARY26 } from '../../plugins/datasets/simulated/binary26.js';
import { LcomsError } from '../../schemas/errors.js';
import type { ExperimentSpec } from '../../schemas/experiment.js';

/** The 26 compounds of the LCOMs paper (its Table 1). */
const BINARY_26: string[] = Object.keys(BINARY26);

export type AtomCount = number | number[] | 'search' | null;

export interface Compound {
  /** Reduced formula: the compound's name in node ids. */
  formula: string;
  /**
   * Atoms in the cell; a list, ascending, or `search`: several sizes are tried; null: as the known ground state, else two
   * formula units.
   */
  atoms: AtomCount;
}

/**
 * The compounds of a spec, by reduced formula, in order.
 * @throws LcomsError LCOMS_E_FORMULA, or LCOMS_E_SPEC for a compound given twice or an atom count that is no multiple.
 */
export function compoundsOf(spec: ExperimentSpec, file: string): Compound[] {
  const given = spec.compounds === 'binary-26' ? BINARY_26 : spec.compounds;
  if (!Array.isArray(given)) throw new LcomsError('LCOMS_E_INTERNAL', 'the sample of compounds is not drawn yet');
  const seen = new Set<string>();
  return given.map((entry, i) => {
    const path = `compounds[${i}]`;
    const { formula: written, atoms } = typeof entry === 'string' ? { formula: entry, atoms: undefined } : entry;
    let composition: Record<string, number>;
    try {
      composition = parseFormula(written);
    } catch (error) {
      throw error instanceof LcomsError ? new LcomsError(error.code, error.message, { file, path }) : error;
    }
    const formula = reducedFormula(composition);
    if (seen.has(formula)) throw new LcomsError('LCOMS_E_SPEC', `${formula} is given twice`, { file, path });
    seen.add(formula);
    const unit = Object.values(parseFormula(formula)).reduce((s, n) => s + n, 0);
    const counts = atoms === undefined || atoms === 'search' ? [] : [atoms].flat();
    const wrong = counts.find((n) => n % unit !== 0);
    if (wrong !== undefined) {
      throw new LcomsError(
        'LCOMS_E_SPEC',
        `${formula} has ${unit} atoms per formula unit: atoms must be a multiple of it, not ${wrong}`,
        { file, path: `${path}.atoms` },
      );
    }
    const sizes = Array.isArray(atoms) ? [...new Set(atoms)].sort((a, b) => a - b) : atoms;
    return { formula, atoms: sizes ?? null };
  });
}
