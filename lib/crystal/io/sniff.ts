import type { CrystalFormat } from './read.js';

/** Lines that are enough to tell: a POSCAR shows itself by its fifth. */
const ENOUGH = 5;
/** Comment lines that a CIF may begin with. */
const COMMENTS = 200;

const numbers = (line: string | undefined): number[] => (line ?? '').trim().split(/\s+/).slice(0, 3).map(Number);
const isTriple = (line: string | undefined): boolean => {
  const found = numbers(line);
  return found.length === 3 && found.every(Number.isFinite);
};

/**
 * The format of a text by how it begins: `{` or `[` is JSON; comments and then `data_` or a tag a CIF; a number of atoms
 * above a line of `key=value` extXYZ; a scale above three base vectors a POSCAR; a header with a column `cif` CDVAE's CSV.
 *
 * @param whole whether nothing follows; else only complete lines count
 * @returns null when it can't be told
 */
export function sniffFormat(text: string, whole: boolean): CrystalFormat | null {
  const start = text.replace(/^\uFEFF/, '');
  if (/^\s*[{[]/.test(start)) return 'jsonl';
  const lines = start.split(/\r?\n/, COMMENTS + 1);
  if (!whole && lines.length <= COMMENTS) lines.pop();
  const content = lines.filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  if (/^\s*(data_|_cell|_symmetry|_space_group|loop_)/i.test(content[0] ?? '')) return 'cif';
  const first = content[0]?.trim() ?? '';
  if (/^\d+$/.test(first) && /\b(Lattice|Properties)\s*=/i.test(content[1] ?? '')) return 'extxyz';
  if (/(^|,)"?cif"?(,|$)/.test(first)) return 'csv';
  if (lines.length < ENOUGH) return null;
  const scale = numbers(lines[1]);
  if (Number.isFinite(scale[0]) && lines.slice(2, ENOUGH).every(isTriple)) return 'poscar';
  return /^\d+$/.test(first) ? 'extxyz' : null;
}
