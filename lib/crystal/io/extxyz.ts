import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import { toCartesian, toFractional } from '../lattice.js';
import { type CrystalRow, type ParseInput, RowError, rowOf, show } from './rows.js';

const PAIR = /([^\s=]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\{[^}]*\}|\[[^\]]*\]|\S+)/g;

/** `key=value` pairs of a comment line, keys in lower case, quotes and brackets removed. */
function commentPairs(comment: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [, key, value] of comment.matchAll(PAIR)) {
    const bare = /^["'{[]/.test(value as string) ? (value as string).slice(1, -1) : (value as string);
    pairs.set((key as string).toLowerCase(), bare);
  }
  return pairs;
}

function readLattice(pairs: Map<string, string>): Mat3 {
  const value = pairs.get('lattice');
  const numbers =
    value
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? [];
  if (numbers.length !== 9 || !numbers.every(Number.isFinite)) {
    throw new RowError(`Lattice is ${show(value)}; a crystal needs Lattice="ax ay az bx by bz cx cy cz" (A)`);
  }
  const pbc = pairs
    .get('pbc')
    ?.trim()
    .split(/[\s,]+/);
  if (pbc && !pbc.every((p) => /^(t|true|1)$/i.test(p))) {
    throw new RowError(`pbc is ${show(pairs.get('pbc'))}; a crystal is periodic in all three directions ("T T T")`);
  }
  return [numbers.slice(0, 3), numbers.slice(3, 6), numbers.slice(6, 9)] as Mat3;
}

interface Columns {
  species: number;
  /** Whether the species column holds atomic numbers. */
  numeric: boolean;
  position: number;
  count: number;
}

function readColumns(pairs: Map<string, string>): Columns {
  const text = pairs.get('properties') ?? 'species:S:1:pos:R:3';
  const fields = text.split(':');
  const columns: Columns = { species: -1, numeric: false, position: -1, count: 0 };
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const name = (fields[i] as string).toLowerCase();
    const width = Number(fields[i + 2]);
    if (!(width >= 1)) throw new RowError(`Properties is ${show(text)}; it must be name:type:width repeated`);
    if (name === 'species') Object.assign(columns, { species: columns.count, numeric: false });
    if ((name === 'z' || name === 'numbers') && columns.species < 0)
      Object.assign(columns, { species: columns.count, numeric: true });
    if (name === 'pos' || name === 'positions') columns.position = columns.count;
    columns.count += width;
  }
  if (columns.species < 0 || columns.position < 0) {
    throw new RowError(`Properties is ${show(text)}; it must name species (or Z) and pos`);
  }
  return columns;
}

function energyOf(pairs: Map<string, string>, key: string): number | undefined {
  const value = pairs.get(key);
  if (value === undefined) return undefined;
  const energy = Number(value);
  if (Number.isFinite(energy)) return energy;
  throw new RowError(`${key} is ${show(value)}; it must be a number, eV`);
}

/** One frame: `lines[0]` is the number of atoms at line `at` of the file. */
function frame(lines: string[], at: number, n: number): Crystal {
  const pairs = commentPairs(lines[1] ?? '');
  const lattice = readLattice(pairs);
  const columns = readColumns(pairs);
  if (lines.length < n + 2) throw new RowError(`the frame says ${n} atoms but the file ends after ${lines.length - 2}`);
  const species: string[] = [];
  const cart: Vec3[] = [];
  for (let i = 0; i < n; i++) {
    const fields = (lines[i + 2] as string).trim().split(/\s+/);
    const position = fields.slice(columns.position, columns.position + 3).map(Number);
    if (fields.length < columns.count || !position.every(Number.isFinite)) {
      throw new RowError(
        `${show(lines[i + 2])} where atom ${i + 1} of ${n} is due: ${columns.count} columns`,
        at + i + 2,
      );
    }
    const name = fields[columns.species] as string;
    species.push(columns.numeric ? (ELEMENTS[Number(name)] ?? name) : name);
    cart.push(position as Vec3);
  }
  const crystal: Crystal = { lattice, species, frac: toFractional(cart, lattice) };
  const total = energyOf(pairs, 'energy');
  const perAtom = energyOf(pairs, 'energy_per_atom') ?? (total === undefined ? undefined : total / n);
  const formation = energyOf(pairs, 'formation_energy_per_atom');
  const id = pairs.get('id') ?? pairs.get('material_id');
  if (id !== undefined) crystal.id = id;
  if (formation !== undefined) crystal.formationEnergyPerAtom = formation;
  if (perAtom !== undefined) crystal.energyPerAtom = perAtom;
  return crystal;
}

/**
 * Extended XYZ, any number of frames. Energies: `energy` (total, eV) or `energy_per_atom`, and
 * `formation_energy_per_atom`. Reading stops at a line that should be a number of atoms and isn't one.
 */
export function parseExtxyz({ text }: ParseInput): CrystalRow[] {
  const lines = text.split(/\r?\n/);
  const rows: CrystalRow[] = [];
  for (let at = 0; at < lines.length; ) {
    const head = (lines[at] as string).trim();
    if (head === '') {
      at++;
      continue;
    }
    const n = Number(head);
    const valid = Number.isInteger(n) && n > 0;
    const start = at;
    rows.push(
      rowOf(rows.length, start + 1, () => {
        if (!valid) throw new RowError(`${show(head)} where the number of atoms is due: a whole number from 1`);
        return frame(lines.slice(start, start + n + 2), start + 1, n);
      }),
    );
    if (!valid) break;
    at += n + 2;
  }
  return rows;
}

/** Extended XYZ as ASE writes and reads it, with the total energy too; numbers keep every bit. */
export function writeExtxyz(crystals: readonly Crystal[]): string {
  return crystals.map(frameOf).join('');
}

function frameOf(c: Crystal): string {
  const n = c.species.length;
  const comment = [`Lattice="${c.lattice.flat().join(' ')}"`, 'Properties=species:S:1:pos:R:3'];
  if (c.id !== undefined) comment.push(`id="${c.id.replace(/["\n]/g, "'")}"`);
  if (c.energyPerAtom !== undefined)
    comment.push(`energy=${c.energyPerAtom * n}`, `energy_per_atom=${c.energyPerAtom}`);
  if (c.formationEnergyPerAtom !== undefined) comment.push(`formation_energy_per_atom=${c.formationEnergyPerAtom}`);
  comment.push('pbc="T T T"');
  const atoms = toCartesian(c.frac, c.lattice).map((x, i) => `${c.species[i]}  ${x.join('  ')}`);
  return `${[n, comment.join(' '), ...atoms].join('\n')}\n`;
}
