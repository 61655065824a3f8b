import { parseFormula, reducedComposition, reducedFormula } from '../../lib/crystal/composition.js';
import type { Composition } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { type Cell, chooseUnits, spreadTries } from './cells.js';

/** What the model was trained on. */
export interface TrainedOn {
  elements: readonly string[];
  atoms: readonly number[];
}

export interface RequestOptions {
  atoms?: number;
  /** Tries in all; Infinity when a budget of time decides. */
  tries: number;
  unseen: boolean;
}

/** A compound to predict: checked, with its cells. */
export interface CompoundRequest {
  /** Reduced formula as pymatgen writes it. */
  formula: string;
  /** Begin of the file names: the formula without brackets. */
  stem: string;
  unit: Composition;
  cells: Cell[];
  /** What the model has not seen, in words; empty when it has seen all. */
  unseen: string[];
}

/**
 * Checks a formula against what the model and the scorer know, before anything is computed.
 * @param scorerElements elements that the scorer knows
 * @param trained null when the model does not say what it was trained on
 * @throws LcomsError LCOMS_E_FORMULA, LCOMS_E_ELEMENT_UNKNOWN, LCOMS_E_UNSEEN, LCOMS_E_INPUT
 */
export function checkRequest(
  given: string,
  { atoms, tries, unseen }: RequestOptions,
  trained: TrainedOn | null,
  scorer: { name: string; elements: ReadonlySet<string> },
): CompoundRequest {
  const unit = reducedComposition(parseFormula(given));
  const formula = reducedFormula(unit);
  const elements = Object.keys(unit);
  const unknown = elements.filter((e) => !scorer.elements.has(e));
  if (unknown.length > 0) {
    throw new LcomsError(
      'LCOMS_E_ELEMENT_UNKNOWN',
      `${scorer.name} does not know ${unknown.join(', ')} (in ${formula}); it knows ${[...scorer.elements].join(' ')}`,
      { hint: 'Give --scorer with one that knows it, or leave the compound out.' },
    );
  }
  const strange = trained ? elements.filter((e) => !trained.elements.includes(e)) : [];
  if (strange.length > 0 && !unseen) {
    throw new LcomsError(
      'LCOMS_E_UNSEEN',
      `the model has not seen ${strange.join(', ')} (in ${formula}); it was trained on ${trained?.elements.join(' ')}`,
      { hint: 'Give --model with one that has seen it, or --unseen to try all the same.' },
    );
  }
  const seen = trained?.atoms ?? null;
  const units = chooseUnits(formula, unit, { ...(atoms !== undefined && { atoms }), seen, unseen });
  // So many give each size at least one.
  const each = (units.length * (units.length + 1)) / 2;
  const cells = spreadTries(unit, units, Number.isFinite(tries) ? tries : each);
  const sizes = cells.map((cell) => cell.species.length).filter((n) => seen !== null && !seen.includes(n));
  return {
    formula,
    stem: stemOf(formula),
    unit,
    cells,
    unseen: [
      ...(strange.length > 0 ? [`the element${strange.length > 1 ? 's' : ''} ${strange.join(', ')}`] : []),
      ...(sizes.length > 0 ? [`cells of ${sizes.join(', ')} atoms`] : []),
      ...(trained === null ? ['(the model does not say what it was trained on)'] : []),
    ],
  };
}

/** `Ca(HO)2` as `CaH2O2`: no brackets, which shells take for themselves. */
function stemOf(formula: string): string {
  const unit = parseFormula(formula);
  return Object.entries(unit)
    .map(([element, n]) => (n === 1 ? element : `${element}${n}`))
    .join('');
}
