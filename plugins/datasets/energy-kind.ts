import { type CrystalRow, minimaOf } from '../../lib/crystal/io/rows.js';

/** Which energy the minima among the rows hold: formation energies if all have one, else total ones if any has; null for neither. */
export function energyKindOf(rows: readonly CrystalRow[]): 'formation' | 'total' | null {
  const good = minimaOf(rows);
  if (good.length > 0 && good.every((c) => c.formationEnergyPerAtom !== undefined)) return 'formation';
  if (good.some((c) => c.energyPerAtom !== undefined)) return 'total';
  return good.some((c) => c.formationEnergyPerAtom !== undefined) ? 'formation' : null;
}
