import { ELEMENTS } from '../../../schemas/elements.js';
import type { ChgnetModel } from './session.js';

/** CHGNet's embedding ends at Pu; these below it occur nowhere in MPtrj, its training set (89 elements). */
const LAST = 94;
const NOT_IN_MPTRJ = ['Po', 'At', 'Rn', 'Fr', 'Ra'];

/** The r2SCAN model was tuned without ytterbium: its reference energy there is zero. */
const MISSING: Record<ChgnetModel, readonly string[]> = {
  '0.3.0': NOT_IN_MPTRJ,
  r2scan: [...NOT_IN_MPTRJ, 'Yb'],
};

/** The elements that a model was trained on, by atomic number. */
export function chgnetElements(model: ChgnetModel): ReadonlySet<string> {
  return new Set(ELEMENTS.slice(1, LAST + 1).filter((symbol) => !MISSING[model].includes(symbol)));
}
