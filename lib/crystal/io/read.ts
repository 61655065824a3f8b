import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LcomsError } from '../../../schemas/errors.js';
import { parseCdvaeCsv } from './cdvae-csv.js';
import { parseCif } from './cif.js';
import { parseExtxyz } from './extxyz.js';
import { parseJsonl } from './jsonl.js';
import { parsePoscar } from './poscar.js';
import type { CrystalRow, ParseInput } from './rows.js';

export type { CrystalRow } from './rows.js';

const PARSERS = {
  cif: parseCif,
  poscar: parsePoscar,
  extxyz: parseExtxyz,
  jsonl: parseJsonl,
  csv: parseCdvaeCsv,
} satisfies Record<string, (input: ParseInput) => CrystalRow[]>;

export type CrystalFormat = keyof typeof PARSERS;
export const CRYSTAL_FORMATS = Object.keys(PARSERS) as CrystalFormat[];

const ENDINGS: Record<string, CrystalFormat> = {
  '.cif': 'cif',
  '.vasp': 'poscar',
  '.poscar': 'poscar',
  '.xyz': 'extxyz',
  '.extxyz': 'extxyz',
  '.jsonl': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
};

/**
 * The format that a file's name says, `.gz` left aside.
 *
 * @throws LcomsError LCOMS_E_FILE listing the endings that are known.
 */
export function formatOf(file: string): CrystalFormat {
  const name = basename(file).replace(/\.gz$/i, '');
  if (/^(POSCAR|CONTCAR)/i.test(name)) return 'poscar';
  const ending = /\.[^.]+$/.exec(name)?.[0].toLowerCase() ?? '';
  const format = ENDINGS[ending];
  if (format) return format;
  throw new LcomsError(
    'LCOMS_E_FILE',
    `"${name}" has ${ending === '' ? 'no ending' : `the unknown ending ${ending}`}; known are ` +
      `${Object.keys(ENDINGS).join(', ')}, POSCAR* and CONTCAR*, each also with .gz`,
    { file },
  );
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
};

/** LCOMS_E_FILE for what the system says of a file that can't be read. */
export function cannotRead(file: string, cause: unknown): LcomsError {
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? String(cause);
  return new LcomsError('LCOMS_E_FILE', `cannot read ${file}: ${reason}`, { file, cause });
}

async function textOf(file: string): Promise<string> {
  const bytes = await bytesOf(file);
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return (zipped ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
  } catch (cause) {
    throw new LcomsError('LCOMS_E_FILE', `cannot unzip ${file}: ${(cause as Error).message}`, { file, cause });
  }
}

/**
 * Every crystal of a file (CIF, POSCAR, extended XYZ, JSON lines, CDVAE's CSV; gzipped or not). What can't be read
 * becomes an error row with its line; the others stay.
 *
 * @param options.format overrides what the file's name says
 * @throws LcomsError LCOMS_E_FILE for a missing file or unknown ending
 */
export async function readCrystals(file: string, options: { format?: CrystalFormat } = {}): Promise<CrystalRow[]> {
  const format = options.format ?? formatOf(file);
  return parseCrystals(await textOf(file), { name: file, format });
}

/** As `readCrystals`, of text that is at hand. Text without a crystal gives one error row. */
export function parseCrystals(text: string, { name, format }: { name: string; format: CrystalFormat }): CrystalRow[] {
  const parse = PARSERS[format];
  if (!parse) {
    throw new LcomsError(
      'LCOMS_E_FILE',
      `"${format}" is not a crystal format; known are ${CRYSTAL_FORMATS.join(', ')}`,
      { file: name },
    );
  }
  const rows = text.trim() === '' ? [] : parse({ text: text.replace(/^\uFEFF/, ''), name });
  if (rows.length > 0) return rows;
  return [
    { index: 0, line: 1, error: { code: 'LCOMS_E_CRYSTAL', message: `there is no crystal in it (read as ${format})` } },
  ];
}
