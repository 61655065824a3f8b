import { compositionOf } from '../../lib/crystal/composition.js';
import { cholesky, solveLower, solveUpper } from '../../lib/search/cholesky.js';
import type { DatasetInfo, PreparedCrystal } from './dataset-artifact.js';
import { formulaOf } from './filter-crystals.js';

/** Pulls the elements' energies towards their mean where the data do not tell them apart; nothing beside thousands of rows. */
const RIDGE = 1e-3;

/**
 * Formation energies of training rows, eV/atom: that of the lowest minimum of the composition plus the row's target above it, so
 * that both are clipped alike. Of data with total energies the elements' energies are those that fit the minima best. undefined
 * where the targets are formation energies themselves.
 * @param rows minima, and what lies beside them
 */
export function formationTargets(
  { target, energy }: Pick<DatasetInfo, 'target' | 'energy'>,
  minima: readonly PreparedCrystal[],
  rows: readonly PreparedCrystal[],
): Float64Array | undefined {
  if (target === 'formation') return undefined;
  const energies =
    energy.kind === 'formation' ? minima.map((c) => c.formationEnergyPerAtom as number) : beyondElements(minima);
  const lowest = new Map<string, number>();
  for (const [i, crystal] of minima.entries()) {
    const formula = formulaOf(crystal);
    lowest.set(formula, Math.min(energies[i] as number, lowest.get(formula) ?? Number.POSITIVE_INFINITY));
  }
  return Float64Array.from(rows, (crystal) => (lowest.get(formulaOf(crystal)) as number) + crystal.target);
}

/** Total energies less what is linear in the composition: energies of the elements by ridge regression about their mean. */
function beyondElements(minima: readonly PreparedCrystal[]): number[] {
  const totals = minima.map((c) => c.energyPerAtom as number);
  const mean = totals.reduce((sum, e) => sum + e / totals.length, 0);
  const fractions = minima.map(({ species }) =>
    Object.entries(compositionOf(species)).map(([element, n]) => [element, n / species.length] as const),
  );
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
  const own = solveUpper(factor, m, solveLower(factor, m, right));
  return fractions.map((parts, row) => {
    const linear = parts.reduce((sum, [element, x]) => sum + x * (own[place.get(element) as number] as number), mean);
    return (totals[row] as number) - linear;
  });
}
