import { compositionOf } from '../../lib/crystal/composition.js';
import { cholesky, solveLower, solveUpper } from '../../lib/search/cholesky.js';
import { LcomsError } from '../../schemas/errors.js';
import type { DatasetInfo, PreparedCrystal, PreparedDataset } from './dataset-artifact.js';
import { formulaOf } from './filter-crystals.js';
import type { OffMinima } from './off-minima.js';

/** Pulls the elements' energies towards their mean where the data do not tell them apart; nothing beside thousands of rows. */
const RIDGE = 1e-3;

/**
 * Formation energies of rows, eV/atom: that of the lowest minimum of the composition plus the row's target above it, so
 * that both are clipped alike. Of data with total energies the elements' energies are those that fit the training minima
 * best. undefined where the targets are formation energies themselves.
 * @param training minima that tell the energies of the elements
 * @param rows of the compositions of `minima`: these, and what lies beside them
 */
export function formationTargets(
  { target, energy }: Pick<DatasetInfo, 'target' | 'energy'>,
  training: readonly PreparedCrystal[],
  rows: readonly PreparedCrystal[],
  minima: readonly PreparedCrystal[] = training,
): Float64Array | undefined {
  if (target === 'formation') return undefined;
  const energies =
    energy.kind === 'formation'
      ? minima.map((c) => c.formationEnergyPerAtom as number)
      : beyondElements(minima, training);
  const lowest = new Map<string, number>();
  for (const [i, crystal] of minima.entries()) {
    const formula = formulaOf(crystal);
    lowest.set(formula, Math.min(energies[i] as number, lowest.get(formula) ?? Number.POSITIVE_INFINITY));
  }
  return Float64Array.from(rows, (crystal) => (lowest.get(formulaOf(crystal)) as number) + crystal.target);
}

/**
 * The rows with their formation energies for targets.
 * @throws LcomsError LCOMS_E_INPUT where these are their targets already
 */
export function withFormationTargets(
  { info, train, validation }: Pick<PreparedDataset, 'info' | 'train' | 'validation'>,
  off: OffMinima,
): Pick<PreparedDataset, 'info' | 'train' | 'validation'> & { off: OffMinima } {
  const relabelled = (rows: readonly PreparedCrystal[], minima: readonly PreparedCrystal[]): PreparedCrystal[] => {
    const energies = formationTargets(info, train, rows, minima);
    if (energies) return rows.map((row, i) => ({ ...row, target: energies[i] as number }));
    throw new LcomsError('LCOMS_E_INPUT', 'target is formation, which is what the data are prepared with', {
      path: 'steps.train-surrogate.target',
      hint: 'Leave it out.',
    });
  };
  return {
    info: { ...info, target: 'formation' },
    train: relabelled(train, train),
    validation: relabelled(validation, validation),
    off: { train: relabelled(off.train, train), validation: relabelled(off.validation, validation) },
  };
}

/** Total energies less what is linear in the composition. */
function beyondElements(crystals: readonly PreparedCrystal[], training: readonly PreparedCrystal[]): number[] {
  const { mean, own } = elementEnergies(training);
  return crystals.map(
    (crystal) =>
      (crystal.energyPerAtom as number) -
      fractionsOf(crystal).reduce((sum, [element, x]) => sum + x * (own.get(element) ?? 0), mean),
  );
}

/** Energies of the elements, eV/atom, about the mean of the crystals: ridge regression of their energies on the composition. */
function elementEnergies(minima: readonly PreparedCrystal[]): { mean: number; own: Map<string, number> } {
  const totals = minima.map((c) => c.energyPerAtom as number);
  const mean = totals.reduce((sum, e) => sum + e / totals.length, 0);
  const fractions = minima.map(fractionsOf);
  const elements = [...new Set(fractions.flatMap((parts) => parts.map(([element]) => element)))].sort();
  const place = new Map(elements.map((element, i) => [element, i]));
  const m = elements.length;
  const normal = new Float64Array(m * m);
  const right = new Float64Array(m);
  for (let i = 0; i < m; i++) normal[i * m + i] = RIDGE;
  for (const [row, parts] of fractions.entries()) {
    for (const [a, x] of parts) {
      const i = place.get(a) as number;
      right[i] = (right[i] as number) + x * ((totals[row] as number) - mean);
      for (const [b, y] of parts) {
        const at = i * m + (place.get(b) as number);
        normal[at] = (normal[at] as number) + x * y;
      }
    }
  }
  // Positive definite by the ridge.
  const factor = cholesky(normal, m) as Float64Array;
  const solved = solveUpper(factor, m, solveLower(factor, m, right));
  return { mean, own: new Map(elements.map((element, i) => [element, solved[i] as number])) };
}

const fractionsOf = ({ species }: PreparedCrystal): [string, number][] =>
  Object.entries(compositionOf(species)).map(([element, n]) => [element, n / species.length]);
