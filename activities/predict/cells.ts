import { atomsIn, speciesOf } from '../../lib/crystal/composition.js';
import type { Composition } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';

/** Atoms of the largest cell that is searched without being asked for. */
export const MAX_ATOMS = 20;

/** A number of formula units, and how many tries it gets. */
export interface Cell {
  units: number;
  /** One symbol an atom. */
  species: string[];
  tries: number;
}

export interface CellChoice {
  /** Atoms wanted in the cell; undefined: all sizes up to MAX_ATOMS. */
  atoms?: number;
  /** Numbers of atoms that the model was trained on; null when nobody knows. */
  seen: readonly number[] | null;
  /** Whether sizes that the model has not seen are searched too. */
  unseen: boolean;
}

/**
 * Formula units to search, ascending: those of `atoms` alone, else 1, 2, 3, ... while a cell has at most MAX_ATOMS atoms
 * and the model has seen its size.
 * @param unit reduced composition
 * @throws LcomsError LCOMS_E_INPUT when `atoms` is no multiple of the formula, LCOMS_E_UNSEEN when the
 *   model has seen no such size
 */
export function chooseUnits(formula: string, unit: Composition, { atoms, seen, unseen }: CellChoice): number[] {
  const n = atomsIn(unit);
  const known = seen !== null && !unseen ? new Set(seen) : null;
  if (atoms !== undefined) {
    if (atoms % n !== 0) {
      const below = Math.floor(atoms / n) * n;
      const nearest = below === 0 ? `${n}` : `${below} and ${below + n}`;
      throw new LcomsError(
        'LCOMS_E_INPUT',
        `--atoms ${atoms} is no multiple of the ${n} atoms of ${formula}; nearest ${below === 0 ? 'is' : 'are'} ${nearest}`,
        { hint: 'Give a multiple, or leave --atoms out: then several sizes are searched.' },
      );
    }
    if (known && !known.has(atoms)) throw unseenSize(`cells of ${atoms} atoms (${formula})`, seen ?? []);
    return [atoms / n];
  }
  const units: number[] = [];
  for (let z = 1; z * n <= Math.max(MAX_ATOMS, n); z++) if (!known || known.has(z * n)) units.push(z);
  // A formula larger than the usual limit is searched in its own smallest cell.
  if (units.length === 0) throw unseenSize(`cells of any multiple of the ${n} atoms of ${formula}`, seen ?? []);
  return units;
}

/**
 * Spreads `tries` over cells in rounds, small cells first: round r gives one try to each of the first r cells.
 * @param units ascending
 */
export function spreadTries(unit: Composition, units: readonly number[], tries: number): Cell[] {
  const counts = units.map(() => 0);
  let left = tries;
  for (let round = 1; left > 0; round++) {
    for (let i = 0; i < Math.min(round, counts.length) && left > 0; i++, left--) counts[i] = (counts[i] ?? 0) + 1;
  }
  return units.flatMap((z, i) => {
    const given = counts[i] ?? 0;
    return given === 0 ? [] : [{ units: z, species: speciesOf(unit, z), tries: given }];
  });
}

function unseenSize(what: string, seen: readonly number[]): LcomsError {
  return new LcomsError(
    'LCOMS_E_UNSEEN',
    `the model has not seen ${what}; it was trained on cells of ${seen.join(', ')} atoms`,
    { hint: 'Give --atoms with one of these numbers, another model, or --unseen to try all the same.' },
  );
}
