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
  /** What the report counts it with; null: compounds have no groups. */
  group: string | null;
}

/**
 * The compounds of a spec, by reduced formula, in order.
 * @throws LcomsError LCOMS_E_FORMULA, or LCOMS_E_SPEC for a compound given twice, an atom count that is no multiple, or a
 * group of only some.
 */
export function compoundsOf(spec: ExperimentSpec, file: string): Compound[] {
  const given = spec.compounds === 'binary-26' ? BINARY_26 : spec.compounds;
  if (!Array.isArray(given)) throw new LcomsError('LCOMS_E_INTERNAL', 'the compounds are not drawn or read yet');
  const seen = new Set<string>();
  const compounds = given.map((entry, i): Compound => {
    const path = `compounds[${i}]`;
    const { formula: written, atoms, group } = typeof entry === 'string' ? { formula: entry } : entry;
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
    return { formula, atoms: sizes ?? null, group: group ?? null };
  });
  const without = compounds.findIndex(({ group }) => group === null);
  if (without >= 0 && compounds.some(({ group }) => group !== null))
    throw new LcomsError('LCOMS_E_SPEC', `${compounds[without]?.formula} has no group, others have one: all or none`, {
      file,
      path: `compounds[${without}]`,
    });
  return compounds;
}

/** Formulas by group, both in the order of the spec; null where compounds have no groups. */
export function groupsOf(compounds: readonly Compound[]): Record<string, string[]> | null {
  const groups: Record<string, string[]> = {};
  for (const { formula, group } of compounds) if (group !== null) (groups[group] ??= []).push(formula);
  return Object.keys(groups).length > 0 ? groups : null;
}

/**
 * Formulas whose crystals no training may see: those of the compounds; where the spec names more, all of them by name, so that
 * the same ones are the same whichever are compounds.
 * @throws LcomsError LCOMS_E_FORMULA
 */
export function heldOut(spec: ExperimentSpec, compounds: readonly Compound[], file: string): string[] {
  const own = compounds.map(({ formula }) => formula);
  if (!Array.isArray(spec.holdOut)) return spec.holdOut ? own : [];
  const named = spec.holdOut.map((formula, i) => {
    try {
      return reducedFormula(parseFormula(formula));
    } catch (error) {
      const where = { file, path: `holdOut[${i}]` };
      throw error instanceof LcomsError ? new LcomsError(error.code, error.message, where) : error;
    }
  });
  return [...new Set([...own, ...named])].sort();
}
