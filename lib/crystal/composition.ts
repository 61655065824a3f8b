import type { Composition } from '../../schemas/crystal.js';
import { atomicNumber } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';
import { elementData } from './element-data.js';

const TOKEN = /([A-Z][a-z]?)(\d*)|([([])|([)\]])(\d*)/y;
const FRACTION = /\d*\.\d+|\d+\/\d+/;
/** Isotopes with names of their own: to a crystal's energy they are hydrogen. */
const HYDROGEN_ISOTOPES: Record<string, string> = { D: 'deuterium', T: 'tritium' };
const OPENED_BY: Record<string, string> = { ')': '(', ']': '[' };
const MAX_ATOMS = 100_000;

function wrong(formula: string, what: string): LcomsError {
  return new LcomsError('LCOMS_E_FORMULA', `"${formula}" is not a formula: ${what}`);
}

/** A subscript: a whole number from 1, 1 when absent. */
function amount(formula: string, digits: string | undefined): number {
  if (digits === undefined || digits === '') return 1;
  const n = Number(digits);
  if (n >= 1 && n <= MAX_ATOMS) return n;
  throw wrong(formula, `the amount ${digits} must be a whole number from 1 to ${MAX_ATOMS}`);
}

/**
 * `Ca(OH)2` -> `{Ca: 1, O: 2, H: 2}`, elements in order of first appearance. Whole amounts; round and square brackets.
 *
 * @throws LcomsError LCOMS_E_FORMULA saying what is wrong and where.
 */
export function parseFormula(formula: string): Composition {
  const text = formula.replace(/\s+/g, '');
  if (text === '') throw wrong(formula, 'it is empty');
  const fraction = FRACTION.exec(text)?.[0];
  if (fraction !== undefined) {
    throw wrong(formula, `the amount ${fraction} is no whole number; multiply all amounts until they are`);
  }
  const levels: { bracket: string; counts: Map<string, number> }[] = [{ bracket: '', counts: new Map() }];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (!token)
      throw wrong(
        formula,
        `"${text.slice(at, at + 8)}" at character ${at + 1} is neither element, bracket nor whole amount`,
      );
    const [, element, digits, open, close, groupDigits] = token;
    const { counts } = levels.at(-1) as { counts: Map<string, number> };
    if (element !== undefined) {
      if (atomicNumber(element) === undefined) {
        const isotope = HYDROGEN_ISOTOPES[element];
        const advice = isotope === undefined ? '' : `: for ${isotope} write H`;
        throw wrong(formula, `"${element}" is not an element symbol${advice}`);
      }
      counts.set(element, (counts.get(element) ?? 0) + amount(formula, digits));
    } else if (open !== undefined) {
      levels.push({ bracket: open, counts: new Map() });
    } else if (close !== undefined) {
      const group = levels.pop();
      const outer = levels.at(-1);
      if (!group || !outer || group.bracket !== OPENED_BY[close])
        throw wrong(formula, `"${close}" at character ${at + 1} closes nothing`);
      if (group.counts.size === 0) throw wrong(formula, 'a bracket is empty');
      const times = amount(formula, groupDigits);
      for (const [e, n] of group.counts) outer.counts.set(e, (outer.counts.get(e) ?? 0) + n * times);
    }
  }
  const last = levels.at(-1);
  if (!last || levels.length > 1) throw wrong(formula, `"${last?.bracket}" is not closed`);
  return Object.fromEntries(last.counts);
}

/** Number of atoms of each species, in order of first appearance. */
export function compositionOf(species: readonly string[]): Composition {
  const out: Composition = {};
  for (const s of species) out[s] = (out[s] ?? 0) + 1;
  return out;
}

/** Number of atoms of a formula unit. */
export function atomsIn(unit: Composition): number {
  return Object.values(unit).reduce((sum, n) => sum + n, 0);
}

/** The atoms of `units` formula units, element by element in the order of the composition. */
export function speciesOf(unit: Composition, units: number): string[] {
  return Object.entries(unit).flatMap(([element, n]) => Array.from({ length: n * units }, () => element));
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

function commonFactor(comp: Composition): number {
  return Object.values(comp).reduce(gcd, 0) || 1;
}

/** Amounts divided by their greatest common divisor. */
export function reducedComposition(comp: Composition): Composition {
  const factor = commonFactor(comp);
  return Object.fromEntries(Object.entries(comp).map(([e, n]) => [e, n / factor]));
}

/** pymatgen does not divide these (peroxides and diatomic gases). */
const NOT_REDUCED: Record<string, string> = {
  LiO: 'Li2O2',
  NaO: 'Na2O2',
  KO: 'K2O2',
  HO: 'H2O2',
  CsO: 'Cs2O2',
  RbO: 'Rb2O2',
  O: 'O2',
  N: 'N2',
  F: 'F2',
  Cl: 'Cl2',
  H: 'H2',
};
/** Below this difference of electronegativity the last two elements count as a polyanion (pymatgen). */
const POLYANION = 1.65;

function write(comp: Composition): { formula: string; factor: number } {
  const factor = commonFactor(comp);
  const electronegativity = (e: string): number => elementData(e).electronegativity ?? Number.POSITIVE_INFINITY;
  const order = Object.keys(comp).sort((a, b) => {
    const [xa, xb] = [electronegativity(a), electronegativity(b)];
    return xa < xb ? -1 : xa > xb ? 1 : a < b ? -1 : 1;
  });
  const [cation, anion] = order.slice(-2);
  let tail = '';
  if (order.length >= 3 && cation && anion && electronegativity(anion) - electronegativity(cation) < POLYANION) {
    const inner = write({ [cation]: (comp[cation] ?? 0) / factor, [anion]: (comp[anion] ?? 0) / factor });
    if (inner.factor !== 1) {
      tail = `(${inner.formula})${inner.factor}`;
      order.splice(-2);
    }
  }
  const head = order.map((e) => {
    const n = (comp[e] ?? 0) / factor;
    return n === 1 ? e : `${e}${n}`;
  });
  return { formula: head.join('') + tail, factor };
}

/**
 * The formula as pymatgen's `Composition.reduced_formula` writes it: elements by electronegativity, then by name;
 * polyanions in brackets (`Ca(HO)2`, `Mg3(PO4)2`).
 */
export function reducedFormula(comp: Composition): string {
  const { formula } = write(comp);
  return NOT_REDUCED[formula] ?? formula;
}

/** Whether two compositions have the same ratios. */
export function sameReducedFormula(a: Composition, b: Composition): boolean {
  return reducedFormula(a) === reducedFormula(b);
}
