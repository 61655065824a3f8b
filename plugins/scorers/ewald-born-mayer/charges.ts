import { compositionOf } from '../../../lib/crystal/composition.js';
import { elementData } from '../../../lib/crystal/element-data.js';
import { LcomsError } from '../../../schemas/errors.js';
import { IONS } from './ion-data.js';

/** An element as an ion. */
export interface Ion {
  /** e */
  charge: number;
  /** A */
  radius: number;
}

const NEUTRAL = 1e-8;

/**
 * The ion of each element of a cell: every atom of an element has one charge, a common oxidation state or the one given.
 * Of the neutral choices those count in which no anion is less electronegative than a cation, and of them the one with
 * the least total charge, then the first in the table.
 * @throws LcomsError LCOMS_E_CRYSTAL when no choice is neutral
 */
export function ionsOf(
  species: readonly string[],
  charges: Readonly<Record<string, number>> = {},
  radii: Readonly<Record<string, number>> = {},
): Record<string, Ion> {
  const counts = Object.entries(compositionOf(species)).sort(([a], [b]) => (a < b ? -1 : 1));
  let choices: Record<string, Ion>[] = [{}];
  for (const [element] of counts) {
    const ions = candidates(element, charges[element], radii[element]);
    choices = choices.flatMap((chosen) => ions.map((ion) => ({ ...chosen, [element]: ion })));
  }
  const total = (ions: Record<string, Ion>, size: (q: number) => number): number =>
    counts.reduce((sum, [element, n]) => sum + n * size((ions[element] as Ion).charge), 0);
  const neutral = choices.filter((ions) => Math.abs(total(ions, (q) => q)) < NEUTRAL && inOrder(ions, charges));
  const [best] = neutral.sort((a, b) => total(a, Math.abs) - total(b, Math.abs));
  if (best) return best;
  throw new LcomsError(
    'LCOMS_E_CRYSTAL',
    `No charges make ${counts.map(([e, n]) => `${e}${n}`).join(' ')} neutral: tried ${counts
      .map(
        ([e]) =>
          `${e} ${candidates(e, charges[e], radii[e])
            .map((ion) => ion.charge)
            .join(' or ')}`,
      )
      .join(', ')} e, one charge an element.`,
    { hint: 'This scorer is for ionic compounds; its option `charges` sets charges by element.' },
  );
}

function candidates(element: string, charge: number | undefined, radius: number | undefined): Ion[] {
  const table = IONS[element] ?? [];
  if (charge === undefined) return table.map(([q, r]) => ({ charge: q, radius: radius ?? r }));
  // Of a charge that is not tabulated the radius is that of the nearest one.
  const nearest = [...table].sort(([p], [q]) => Math.abs(p - charge) - Math.abs(q - charge))[0];
  return [{ charge, radius: radius ?? nearest?.[1] ?? 1 }];
}

/** Charges that were given are not questioned. */
function inOrder(ions: Record<string, Ion>, given: Readonly<Record<string, number>>): boolean {
  const own = Object.entries(ions).filter(([element]) => given[element] === undefined);
  const pull = (element: string): number => elementData(element).electronegativity ?? 0;
  return own.every(
    ([a, anion]) => anion.charge >= 0 || own.every(([c, cation]) => cation.charge <= 0 || pull(a) >= pull(c)),
  );
}
