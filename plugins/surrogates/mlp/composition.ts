import { reducedFormula } from '../../../lib/crystal/composition.js';
import type { Composition } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { SurrogateTrainingData } from '../../contract/surrogate.js';

/**
 * The elements of the training rows, sorted: what the composition vector of a surrogate counts.
 * @throws LcomsError LCOMS_E_INPUT when the data do not give every row a composition
 */
export function trainedElements({ compositions, targets }: SurrogateTrainingData): string[] {
  const fits = (['train', 'validation'] as const).every(
    (split) => compositions?.[split].length === targets[split].length,
  );
  if (!compositions || !fits) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      'composition: true needs the composition of every row, which the data do not give',
    );
  }
  return [...new Set(compositions.train.flatMap((unit) => Object.keys(unit)))].sort();
}

/** Those of validation rows whose elements training has seen: a split by formula may leave all crystals of an element there. */
export function withoutUnseen(data: SurrogateTrainingData, elements: readonly string[]): SurrogateTrainingData {
  const { compositions, dimension: d, validation, targets } = data;
  const all = compositions?.validation ?? [];
  const rows = [...all.keys()].filter((row) => unseenIn(all[row] as Composition, elements).length === 0);
  if (!compositions || rows.length === all.length) return data;
  const latents = new Float32Array(rows.length * d);
  for (const [to, row] of rows.entries()) latents.set(validation.subarray(row * d, (row + 1) * d), to * d);
  return {
    ...data,
    validation: latents,
    targets: { ...targets, validation: Float64Array.from(rows, (row) => targets.validation[row] as number) },
    compositions: { ...compositions, validation: rows.map((row) => all[row] as Composition) },
  };
}

/**
 * Share of each element among the atoms, m numbers that sum to 1.
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN for an element that is none of them
 */
export function elementFractions(unit: Composition, elements: readonly string[]): Float32Array {
  const unseen = unseenIn(unit, elements);
  if (unseen.length > 0) {
    throw new LcomsError(
      'LCOMS_E_ELEMENT_UNKNOWN',
      `the surrogate has not seen ${unseen.join(', ')} (in ${reducedFormula(unit)}) in training; it knows ${elements.join(' ')}`,
      { hint: 'Train on data with it, leave the compound out, or train without `composition: true`.' },
    );
  }
  const atoms = Object.values(unit).reduce((sum, n) => sum + n, 0);
  return Float32Array.from(elements, (element) => (unit[element] ?? 0) / atoms);
}

/** Rows of the network's input, n x (d + m): latents (n x d) with their compositions' fractions beside them. */
export function besideLatents(z: Float32Array, d: number, fractions: (row: number) => Float32Array): Float32Array {
  const n = z.length / d;
  const m = n === 0 ? 0 : fractions(0).length;
  const out = new Float32Array(n * (d + m));
  for (let row = 0; row < n; row++) {
    out.set(z.subarray(row * d, (row + 1) * d), row * (d + m));
    out.set(fractions(row), row * (d + m) + d);
  }
  return out;
}

const unseenIn = (unit: Composition, elements: readonly string[]): string[] =>
  Object.keys(unit).filter((element) => !elements.includes(element));
