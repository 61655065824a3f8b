import { atomicNumber, ELEMENTS } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';
import { elementData } from './element-data.js';

const GROUPS = 18;
const ROWS = 7;
const ELEMENT_COUNT = ELEMENTS.length;
const GROUP_AT = ELEMENT_COUNT;
const ROW_AT = GROUP_AT + GROUPS;
const VALUES_AT = ROW_AT + ROWS;

/** Length of an element's feature vector. */
export const ELEMENT_FEATURES = VALUES_AT + 2;

/** Typical values, so that both numbers are near one in size: electronegativity 1.9 +- 0.7, radius 1.5 +- 0.4 A. */
const ELECTRONEGATIVITY: readonly [number, number] = [1.9, 0.7];
const RADIUS: readonly [number, number] = [1.5, 0.4];

const cache = new Map<string, Float32Array>();

function features(symbol: string): Float32Array {
  const z = atomicNumber(symbol);
  if (z === undefined) throw new LcomsError('LCOMS_E_ELEMENT_UNKNOWN', `"${symbol}" is not an element symbol`);
  const { group, row, electronegativity, covalentRadius } = elementData(symbol);
  const out = new Float32Array(ELEMENT_FEATURES);
  out[z] = 1;
  out[GROUP_AT + group - 1] = 1;
  out[ROW_AT + row - 1] = 1;
  out[VALUES_AT] = ((electronegativity ?? ELECTRONEGATIVITY[0]) - ELECTRONEGATIVITY[0]) / ELECTRONEGATIVITY[1];
  out[VALUES_AT + 1] = ((covalentRadius ?? RADIUS[0]) - RADIUS[0]) / RADIUS[1];
  return out;
}

/**
 * Features of an element: which one it is, its group and row, electronegativity and covalent radius. A linear layer over
 * them is an embedding in which elements of a group or a row start as relatives, so an element that is rare in the data
 * borrows from its neighbours in the table.
 *
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN for a symbol that is no element
 */
export function elementFeatures(symbol: string): Float32Array {
  let out = cache.get(symbol);
  if (out === undefined) {
    out = features(symbol);
    cache.set(symbol, out);
  }
  return out;
}

/** Features of many atoms in rows: atoms x ELEMENT_FEATURES. */
export function atomFeatures(species: readonly string[]): Float32Array {
  const out = new Float32Array(species.length * ELEMENT_FEATURES);
  species.forEach((symbol, i) => {
    out.set(elementFeatures(symbol), i * ELEMENT_FEATURES);
  });
  return out;
}
