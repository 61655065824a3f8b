import type { Crystal } from '../../../schemas/crystal.js';
import { atomicNumber } from '../../../schemas/elements.js';
import { type ErrorCode, LcomsError } from '../../../schemas/errors.js';
import type { ScorerIdentity } from '../../../schemas/score.js';
import { volume } from '../lattice.js';

/**
 * One structure of a file: the crystal, or what is wrong with it. `scorer` made its total energy, where the row says so;
 * `file` is given where rows of several files are joined. `offMinimum`: the row says that it is no local minimum; then only
 * a surrogate may learn from it.
 */
export type CrystalRow = { index: number; line: number; file?: string } & (
  | { crystal: Crystal; scorer?: ScorerIdentity; offMinimum?: OffMinimum }
  | { error: { code: string; message: string } }
);

/** Where a crystal off the minima comes from: the id of the minimum, and how that was perturbed. */
export interface OffMinimum {
  from?: string;
  perturbation?: string;
}

/** The crystals of the good rows that are minima, or are not said to be none. */
export function minimaOf(rows: readonly CrystalRow[]): Crystal[] {
  return rows.flatMap((row) => ('crystal' in row && row.offMinimum === undefined ? [row.crystal] : []));
}

/** What a format's parser is given. */
export interface ParseInput {
  text: string;
  /** File name for messages. */
  name: string;
}

/** Something wrong in one structure, at a line of the text (from 1); becomes an error row. */
export class RowError extends Error {
  constructor(
    message: string,
    readonly line?: number,
    readonly code: ErrorCode = 'LCOMS_E_CRYSTAL',
  ) {
    super(message);
  }
}

/** The row that `read` gives, or an error row at its line when it throws RowError or LcomsError. */
export function rowOf(index: number, line: number, read: () => Crystal): CrystalRow {
  try {
    const crystal = read();
    checkCrystal(crystal);
    return { index, line, crystal };
  } catch (cause) {
    if (cause instanceof RowError) {
      return { index, line: cause.line ?? line, error: { code: cause.code, message: cause.message } };
    }
    if (cause instanceof LcomsError) return { index, line, error: { code: cause.code, message: cause.message } };
    throw cause;
  }
}

/** Smallest cell volume taken for a crystal's, A^3: below it the base vectors lie in a plane or the unit is wrong. */
const MIN_VOLUME = 1e-3;

function finiteTriple(v: unknown): boolean {
  return Array.isArray(v) && v.length === 3 && Number.isFinite(v[0]) && Number.isFinite(v[1]) && Number.isFinite(v[2]);
}

/**
 * The rules of `crystalSchema`, by hand (files hold tens of thousands of rows), and that the cell has a volume.
 *
 * @throws RowError saying what was found and what is valid.
 */
export function checkCrystal(c: Crystal): void {
  const { lattice, species, frac } = c;
  if (!Array.isArray(lattice) || lattice.length !== 3 || !lattice.every(finiteTriple)) {
    throw new RowError(`lattice is ${show(lattice)}; it must be three rows of three finite numbers, A`);
  }
  if (!(volume(lattice) > MIN_VOLUME)) {
    throw new RowError(`the lattice ${show(lattice)} has no volume; its three rows must not lie in a plane`);
  }
  if (!Array.isArray(species) || species.length === 0) {
    throw new RowError(`species is ${show(species)}; it must be a list of at least one element symbol`);
  }
  for (const [i, s] of species.entries()) {
    if (typeof s !== 'string' || atomicNumber(s) === undefined) {
      throw new RowError(`${show(s)} (atom ${i + 1}) is not an element symbol`);
    }
  }
  if (!Array.isArray(frac) || frac.length !== species.length) {
    const n = Array.isArray(frac) ? frac.length : 'no';
    throw new RowError(`there are ${species.length} species and ${n} positions; each atom needs one of each`);
  }
  for (const [i, f] of frac.entries()) {
    if (!finiteTriple(f))
      throw new RowError(`the position of atom ${i + 1} is ${show(f)}; it must be three finite numbers`);
  }
  for (const key of ['formationEnergyPerAtom', 'energyPerAtom'] as const) {
    if (c[key] !== undefined && !Number.isFinite(c[key])) {
      throw new RowError(`${key} is ${show(c[key])}; it must be a finite number, eV/atom`);
    }
  }
  if (c.id !== undefined && typeof c.id !== 'string') throw new RowError(`id is ${show(c.id)}; it must be text`);
}

/** A value for a message, at most 80 characters of it. */
export function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
