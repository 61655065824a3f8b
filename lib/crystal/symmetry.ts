import type { MoyoCell, MoyoDataset } from '@spglib/moyo-wasm/moyo_wasm.js';
import type { Crystal, Mat3 } from '../../schemas/crystal.js';
import { atomicNumber, ELEMENTS } from '../../schemas/elements.js';
import { LcomsError } from '../../schemas/errors.js';
import { inverse } from './lattice.js';
import { moyo } from './moyo.js';
import { minimumDistance } from './neighbours.js';

/** A crystal's space group. */
export interface Symmetry {
  /** Number in International Tables, 1 to 230. */
  number: number;
  /** Hermann-Mauguin symbol, without blanks, e.g. `Fm-3m`. */
  symbol: string;
  /** n Wyckoff letters, one an atom of the cell given. */
  wyckoffs: string[];
}

/** Of 3,000 random cells the slowest took 61 s at 2.5 times symprec and half a second over this. */
const NEAR = 3;

/**
 * moyo's analysis, or undefined where there is no consistent symmetry: atoms (or images of one) within
 * {@link NEAR} times `symprec` of each other, which moyo is not asked about (it may trap, or search for minutes), or operations that form no group.
 */
function analyse(c: Crystal, symprec: number): MoyoDataset | undefined {
  if (!(symprec > 0)) throw new LcomsError('LCOMS_E_INPUT', `symprec must be a positive number of A, not ${symprec}`);
  inverse(c.lattice);
  if (!c.frac.flat().every(Number.isFinite)) {
    throw new LcomsError('LCOMS_E_CRYSTAL', 'the fractional coordinates must be finite numbers');
  }
  const numbers = c.species.map((s) => {
    const z = atomicNumber(s);
    if (z === undefined) throw new LcomsError('LCOMS_E_CRYSTAL', `"${s}" is not an element symbol`);
    return z;
  });
  if (minimumDistance(c) <= NEAR * symprec) return undefined;
  const cell = JSON.stringify({ lattice: { basis: c.lattice.flat() }, positions: c.frac, numbers });
  const { analyze_cell } = moyo();
  try {
    return analyze_cell(cell, symprec, 'Standard');
  } catch (cause) {
    const trapped = cause instanceof Error && cause.name === 'RuntimeError';
    if (trapped || (typeof cause === 'string' && cause.startsWith('moyo error'))) return undefined;
    throw new LcomsError('LCOMS_E_CRYSTAL', `the symmetry analysis failed: ${String(cause)}`, { cause });
  }
}

/**
 * Space group within `symprec` (A), in the standard setting of International Tables (moyo, WebAssembly). Where moyo
 * finds no consistent symmetry, as when atoms are within three times `symprec` of each other, the answer is P 1.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL for a flat lattice or coordinates that are no numbers.
 */
export function symmetry(c: Crystal, symprec = 0.01): Symmetry {
  const found = analyse(c, symprec);
  if (!found) return { number: 1, symbol: 'P1', wyckoffs: c.species.map(() => 'a') };
  return { number: found.number, symbol: found.hm_symbol.replaceAll(' ', ''), wyckoffs: found.wyckoffs };
}

/** Which atoms a crystal's space group makes equal. */
export interface SiteOrbits {
  /** Space group, 1 to 230. */
  number: number;
  /** n numbers that are equal for atoms of one orbit. */
  orbits: number[];
}

/** Orbits within `symprec` (A); every atom its own where no consistent symmetry is found. */
export function siteOrbits(c: Crystal, symprec = 0.01): SiteOrbits {
  const found = analyse(c, symprec);
  if (!found) return { number: 1, orbits: c.species.map((_, i) => i) };
  return { number: found.number, orbits: found.orbits };
}

/**
 * Rotation parts W of the space group of the cell given, acting on its fractional coordinates as columns: x' = W x. The
 * identity alone where no consistent symmetry is found.
 */
export function rotations(c: Crystal, symprec = 0.01): Mat3[] {
  // moyo hands matrices of operations over column by column.
  const operations = analyse(c, symprec)?.operations ?? [{ rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] }];
  return operations.map(({ rotation: r }) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => r[3 * j + i])) as Mat3);
}

function fromMoyo(c: Crystal, cell: MoyoCell): Crystal {
  const b = cell.lattice.basis;
  const lattice: Mat3 = [
    [b[0], b[1], b[2]],
    [b[3], b[4], b[5]],
    [b[6], b[7], b[8]],
  ];
  return { ...c, lattice, species: cell.numbers.map((z) => ELEMENTS[z] as string), frac: cell.positions };
}

/**
 * Primitive standard cell. moyo moves positions onto the symmetry found, by up to about `symprec`, and turns the crystal
 * in space; the lattice stays as it is (see symmetrise.ts). Energies per atom are carried over unchanged, so they belong to the
 * crystal as given: score again what must be exact. Where moyo finds no consistent symmetry the cell comes back as
 * given, which is the same crystal though perhaps not its smallest cell.
 */
export function primitiveCell(c: Crystal, symprec = 0.01): Crystal {
  const found = analyse(c, symprec);
  return found ? fromMoyo(c, found.prim_std_cell) : c;
}

/**
 * Conventional standard cell, idealised like `primitiveCell`.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL where no consistent symmetry is found: there is no standard cell then.
 */
export function conventionalCell(c: Crystal, symprec = 0.01): Crystal {
  const found = analyse(c, symprec);
  if (found) return fromMoyo(c, found.std_cell);
  throw new LcomsError('LCOMS_E_CRYSTAL', `no consistent symmetry within ${symprec} A: do atoms overlap?`);
}
