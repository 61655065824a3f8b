import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import type { Operation } from './space-group.js';

/** A Wyckoff position: a set of sites that the operations of a space group map onto each other. */
export interface WyckoffPosition {
  /** `a`, `b`, ... as in International Tables. */
  letter: string;
  /** Sites in the conventional cell. */
  multiplicity: number;
  /** Sites in the primitive cell. */
  atoms: number;
  /** Site symmetry symbol, e.g. `-43m`. */
  siteSymmetry: string;
  /** The first site, M p + t, of parameters p = (x, y, z); fractional coordinates of the conventional cell. */
  matrix: Mat3;
  offset: Vec3;
  /** Which of x, y, z the site depends on. Without any it can be taken by one atom only. */
  free: readonly [boolean, boolean, boolean];
}

const TERM = /([+-]?)(?:(\d+)\/(\d+)|(\d+))?([xyz])?/gy;

/**
 * `x,2x,z+1/4` as matrix and offset.
 * @throws LcomsError LCOMS_E_INTERNAL for what is no coordinate triplet
 */
export function parseTriplet(text: string): Pick<WyckoffPosition, 'matrix' | 'offset' | 'free'> {
  const parts = text.replaceAll(' ', '').split(',');
  const offset: Vec3 = [0, 0, 0];
  const matrix = parts.map((part, row) => {
    const coefficients: Vec3 = [0, 0, 0];
    TERM.lastIndex = 0;
    while (TERM.lastIndex < part.length) {
      const at = TERM.lastIndex;
      const [whole = '', sign, over, under, integer, letter] = TERM.exec(part) ?? [];
      if (whole.length === 0 || (letter === undefined && over === undefined && integer === undefined)) {
        throw new LcomsError('LCOMS_E_INTERNAL', `"${text}" is no coordinate triplet, at "${part.slice(at)}"`);
      }
      const amount = over === undefined ? Number(integer ?? 1) : Number(over) / Number(under);
      const value = sign === '-' ? -amount : amount;
      if (letter === undefined) offset[row] = (offset[row] as number) + value;
      else coefficients['xyz'.indexOf(letter)] = (coefficients['xyz'.indexOf(letter)] as number) + value;
    }
    return coefficients;
  }) as Mat3;
  if (matrix.length !== 3) throw new LcomsError('LCOMS_E_INTERNAL', `"${text}" is no coordinate triplet`);
  const free = [0, 1, 2].map((k) => matrix.some((row) => row[k] !== 0)) as [boolean, boolean, boolean];
  return { matrix, offset, free };
}

/** Whether the sites have free coordinates: then several atoms of a crystal can take the position. */
export const isFree = ({ free }: Pick<WyckoffPosition, 'free'>): boolean => free.some(Boolean);

/** The first site of a position at the parameters given. */
export function representative({ matrix, offset }: Pick<WyckoffPosition, 'matrix' | 'offset'>, parameters: Vec3): Vec3 {
  return matrix.map(
    (row, i) => row[0] * parameters[0] + row[1] * parameters[1] + row[2] * parameters[2] + (offset[i] as number),
  ) as Vec3;
}

/** Sites nearer than this in every fractional coordinate are one. */
const SAME = 1e-6;

/**
 * All sites that the operations make of one, in [0, 1), in the order of the operations. As many as the multiplicity of its
 * position, where the site does not happen to lie on one of higher symmetry.
 */
export function orbit(site: Vec3, operations: readonly Operation[]): Vec3[] {
  const sites: Vec3[] = [];
  for (const { rotation, translation } of operations) {
    const image = representative({ matrix: rotation, offset: translation }, site).map((x) => {
      const inside = x - Math.floor(x);
      return inside > 1 - SAME ? 0 : inside;
    }) as Vec3;
    if (!sites.some((other) => sameSite(other, image))) sites.push(image);
  }
  return sites;
}

/** Whether two fractional coordinates agree but for whole numbers. */
export const sameSite = (a: Vec3, b: Vec3): boolean =>
  a.every((x, k) => {
    const off = x - (b[k] as number);
    return Math.abs(off - Math.round(off)) < SAME;
  });
