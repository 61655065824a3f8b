import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { atomicNumber } from '../../../schemas/elements.js';
import { compositionOf, reducedFormula } from '../composition.js';
import { toFractional, volume } from '../lattice.js';
import { type CrystalRow, type ParseInput, RowError, rowOf, show } from './rows.js';

const words = (line: string | undefined): string[] =>
  (line ?? '').split(/[!#]/, 1)[0]?.trim().split(/\s+/).filter(Boolean) ?? [];

function numbers(line: string | undefined, at: number, what: string): Vec3 {
  const values = words(line).slice(0, 3).map(Number);
  if (values.length === 3 && values.every(Number.isFinite)) return values as Vec3;
  throw new RowError(`${show(line ?? 'nothing')} where ${what} is due: three numbers`, at);
}

/** `Fe_pv` and `Fe/0123` (VASP's names of potentials) are Fe. */
const symbolOf = (name: string): string => name.split(/[_/]/, 1)[0] ?? name;

/** Lattice (A) and what to multiply Cartesian x, y, z by; a negative scale is the cell volume. */
function readCell(lines: string[]): { lattice: Mat3; scale: Vec3 } {
  const scales = words(lines[1]).map(Number);
  const valid = (scales.length === 1 || scales.length === 3) && scales.every((s) => Number.isFinite(s) && s !== 0);
  if (!valid) {
    throw new RowError(`${show(lines[1] ?? 'nothing')} where the scale is due: one number, not 0, or three`, 2);
  }
  const rows = [2, 3, 4].map((i) => numbers(lines[i], i + 1, 'a lattice vector')) as Mat3;
  const [first = 1] = scales;
  const one = first < 0 ? Math.cbrt(-first / volume(rows)) : first;
  const scale = (scales.length === 3 ? scales : [one, one, one]) as Vec3;
  return { lattice: rows.map((row) => scaled(row, scale)) as Mat3, scale };
}

const scaled = (v: Vec3, scale: Vec3): Vec3 => [v[0] * scale[0], v[1] * scale[1], v[2] * scale[2]];

/** Species, how many of each, and the index of the line after them. */
function readCounts(lines: string[]): { names: string[] | undefined; counts: number[]; next: number } {
  const first = words(lines[5]);
  const named = first.length > 0 && !first.every((w) => /^\d+$/.test(w));
  const next = named ? 7 : 6;
  const counts = words(lines[next - 1]).map(Number);
  if (counts.length === 0 || !counts.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new RowError(`${show(lines[next - 1] ?? 'nothing')} where the numbers of atoms are due: whole numbers`, next);
  }
  if (!named) return { names: undefined, counts, next };
  const names = first.map(symbolOf);
  if (names.length !== counts.length) {
    throw new RowError(`${names.length} species (${names.join(' ')}) but ${counts.length} numbers of atoms`, next);
  }
  return { names, counts, next };
}

/** Without a line of species (VASP 4) the symbols may stand after the coordinates. */
function speciesOf(names: string[] | undefined, counts: number[], atoms: string[], at: number): string[] {
  if (names) return names.flatMap((name, i) => Array<string>(counts[i] as number).fill(name));
  const trailing = atoms.map((line) => words(line).at(-1) ?? '');
  if (trailing.every((s) => atomicNumber(s) !== undefined)) return trailing;
  throw new RowError('no species: write the element symbols on line 6, above the numbers of atoms (VASP 5)', at);
}

function crystalOf(text: string): Crystal {
  const lines = text.split(/\r?\n/);
  const { lattice, scale } = readCell(lines);
  const { names, counts, next } = readCounts(lines);
  let at = next;
  if (/^\s*s/i.test(lines[at] ?? '')) at++;
  const mode = (lines[at] ?? '').trim();
  if (!/^[dck]/i.test(mode)) throw new RowError(`${show(mode)} where the mode is due: Direct or Cartesian`, at + 1);
  const n = counts.reduce((a, b) => a + b, 0);
  const first = at + 1;
  const atoms = lines.slice(first, first + n);
  const coordinates = Array.from({ length: n }, (_, i) =>
    numbers(lines[first + i], first + i + 1, `atom ${i + 1} of ${n}`),
  );
  const species = speciesOf(names, counts, atoms, 6);
  if (!/^[ck]/i.test(mode)) return { lattice, species, frac: coordinates };
  return {
    lattice,
    species,
    frac: toFractional(
      coordinates.map((x) => scaled(x, scale)),
      lattice,
    ),
  };
}

/** A POSCAR or CONTCAR (VASP 5, or 4 with symbols after the coordinates): one crystal. Velocities are left out. */
export function parsePoscar({ text }: ParseInput): CrystalRow[] {
  return [rowOf(0, 1, () => crystalOf(text))];
}

/** POSCAR text, direct coordinates; runs of one species share a column, so the order of atoms is kept. */
export function writePoscar(crystals: readonly Crystal[]): string {
  return crystals.map(poscarOf).join('');
}

function poscarOf(c: Crystal): string {
  const runs: { species: string; count: number }[] = [];
  for (const species of c.species) {
    const last = runs.at(-1);
    if (last?.species === species) last.count++;
    else runs.push({ species, count: 1 });
  }
  const rows = (m: readonly Vec3[]): string[] => m.map((v) => `  ${v.join('  ')}`);
  return `${[
    reducedFormula(compositionOf(c.species)),
    '1.0',
    ...rows(c.lattice),
    runs.map((r) => r.species).join(' '),
    runs.map((r) => r.count).join(' '),
    'Direct',
    ...rows(c.frac),
  ].join('\n')}\n`;
}
