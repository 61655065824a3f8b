import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { moyo } from './moyo.js';
import { parseTriplet, type WyckoffPosition } from './wyckoff.js';

export type CrystalSystem =
  | 'triclinic'
  | 'monoclinic'
  | 'orthorhombic'
  | 'tetragonal'
  | 'trigonal'
  | 'hexagonal'
  | 'cubic';

/** An operation on fractional coordinates of the conventional cell, as columns: x' = W x + w. */
export interface Operation {
  rotation: Mat3;
  translation: Vec3;
}

/** A space group in the standard setting of International Tables: unique axis b, origin choice 2, hexagonal axes. */
export interface SpaceGroup {
  /** 1 to 230. */
  number: number;
  /** Hermann-Mauguin symbol without blanks, e.g. `Fm-3m`. */
  symbol: string;
  system: CrystalSystem;
  /** Rows: base vectors of a primitive cell in units of those of the conventional cell. */
  primitive: Mat3;
  /** Primitive cells in the conventional one: 1, 2, 3 or 4. */
  centring: number;
  /** All operations of the conventional cell, centring translations included. */
  operations: readonly Operation[];
  /** Wyckoff positions by letter, `a` first, the general one last. */
  positions: readonly WyckoffPosition[];
}

const PRIMITIVE: Readonly<Record<string, { cells: number; rows: Mat3 }>> = {
  P: {
    cells: 1,
    rows: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  },
  A: {
    cells: 2,
    rows: [
      [1, 0, 0],
      [0, 1 / 2, -1 / 2],
      [0, 1 / 2, 1 / 2],
    ],
  },
  B: {
    cells: 2,
    rows: [
      [1 / 2, 0, -1 / 2],
      [0, 1, 0],
      [1 / 2, 0, 1 / 2],
    ],
  },
  C: {
    cells: 2,
    rows: [
      [1 / 2, 1 / 2, 0],
      [-1 / 2, 1 / 2, 0],
      [0, 0, 1],
    ],
  },
  I: {
    cells: 2,
    rows: [
      [-1 / 2, 1 / 2, 1 / 2],
      [1 / 2, -1 / 2, 1 / 2],
      [1 / 2, 1 / 2, -1 / 2],
    ],
  },
  F: {
    cells: 4,
    rows: [
      [0, 1 / 2, 1 / 2],
      [1 / 2, 0, 1 / 2],
      [1 / 2, 1 / 2, 0],
    ],
  },
  R: {
    cells: 3,
    rows: [
      [2 / 3, 1 / 3, 1 / 3],
      [-1 / 3, 1 / 3, 1 / 3],
      [-1 / 3, -2 / 3, 1 / 3],
    ],
  },
};

const known = new Map<number, SpaceGroup>();

/**
 * A space group with its operations and Wyckoff positions, from the tables of moyo.
 * @param number 1 to 230
 * @throws LcomsError LCOMS_E_INPUT for another number
 */
export function spaceGroup(number: number): SpaceGroup {
  let group = known.get(number);
  if (group === undefined) {
    if (!Number.isInteger(number) || number < 1 || number > 230) {
      throw new LcomsError('LCOMS_E_INPUT', `there is no space group ${number}; they are numbered from 1 to 230`);
    }
    group = load(number);
    known.set(number, group);
  }
  return group;
}

function load(number: number): SpaceGroup {
  const tables = moyo();
  const type = tables.space_group_type(number);
  const { cells, rows } = PRIMITIVE[tables.hall_symbol_entry(type.hall_number).centering] as (typeof PRIMITIVE)[string];
  // moyo hands matrices of operations over column by column.
  const operations = tables.operations_from_number(number, { type: 'Standard' }, false).map(
    ({ rotation: r, translation }): Operation => ({
      rotation: [0, 1, 2].map((i) => [r[i], r[3 + i], r[6 + i]]) as Mat3,
      translation,
    }),
  );
  const positions = tables.wyckoff_positions(type.hall_number).map(
    ({ letter, multiplicity, coordinates, site_symmetry }): WyckoffPosition => ({
      letter,
      multiplicity,
      atoms: multiplicity / cells,
      siteSymmetry: site_symmetry,
      ...parseTriplet(coordinates),
    }),
  );
  return {
    number,
    symbol: type.hm_short.replaceAll(' ', ''),
    system: type.crystal_system.toLowerCase() as CrystalSystem,
    primitive: rows,
    centring: cells,
    operations,
    positions: positions.reverse(),
  };
}
