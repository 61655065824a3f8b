import { readdirSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import type { ArgsDef } from 'citty';
import { CRYSTAL_FORMATS, type CrystalFormat, cannotRead, formatOf } from '../lib/crystal/io/read.js';
import { type CrystalSource, type RowPiece, streamCrystals } from '../lib/crystal/io/stream.js';
import type { Crystal } from '../schemas/crystal.js';
import { type ErrorCode, LcomsError } from '../schemas/errors.js';
import type { InputRow } from './crystal-batches.js';
import { oneOf } from './option-values.js';

/** The arguments of verbs that read crystals from anywhere. */
export const CRYSTAL_SOURCES = {
  file: {
    type: 'positional',
    required: true,
    description: 'crystals: CIF, POSCAR, extXYZ, JSON lines, CSV, .gz too; a folder of them; - for stdin',
  },
  format: {
    type: 'string',
    valueHint: 'NAME',
    description: `${CRYSTAL_FORMATS.join(', ')}; default: as files are named, and stdin begins`,
  },
} as const satisfies ArgsDef;

/** Where crystals come from: a file, or stdin. */
export interface Source {
  /** As given on the command line; `-` is stdin, a file in a folder `folder/file`. */
  name: string;
  input: CrystalSource;
  format: CrystalFormat | undefined;
  /** Bytes; null for stdin. */
  size: number | null;
}

/** Formats that a folder's files are read for: its tables and JSON documents are as often something else. */
const IN_FOLDERS: ReadonlySet<CrystalFormat> = new Set(['cif', 'poscar', 'extxyz', 'jsonl']);

/**
 * The sources that the arguments name, before anything is read.
 * @throws LcomsError LCOMS_E_FILE for a file that is missing, of an unknown format, or a folder without crystals;
 * LCOMS_E_USAGE for an unknown --format, or for stdin named twice or from a terminal.
 */
export function crystalSources(given: readonly string[], formatName?: string): Source[] {
  const format = formatName === undefined ? undefined : oneOf('format', formatName, CRYSTAL_FORMATS, 'jsonl');
  if (given.filter((name) => name === '-').length > 1) {
    throw new LcomsError('LCOMS_E_USAGE', '- is given twice; stdin can be read once');
  }
  return given.flatMap((name): Source[] => {
    if (name === '-') return [stdin(format)];
    const found = statOf(name);
    if (!found.isDirectory()) {
      if (format === undefined) formatOf(name);
      return [{ name, input: name, format, size: found.size }];
    }
    return filesIn(name).map((file) => ({ name: file, input: file, format, size: statOf(file).size }));
  });
}

function stdin(format: CrystalFormat | undefined): Source {
  if (process.stdin.isTTY) {
    throw new LcomsError('LCOMS_E_USAGE', '- reads crystals from stdin, which is a terminal', {
      hint: 'Pipe them in: cat crystals.jsonl | lcoms ...',
    });
  }
  return { name: '-', input: { name: 'stdin', stream: process.stdin }, format, size: null };
}

function statOf(file: string): Stats {
  try {
    return statSync(file);
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/** Crystal files of a folder, by name; its folders are left aside. */
function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && holdsCrystals(entry.name))
    .map((entry) => path.join(folder, entry.name))
    .sort();
  if (files.length > 0) return files;
  throw new LcomsError('LCOMS_E_FILE', 'the folder holds no crystal file', {
    file: folder,
    hint: 'Read from a folder: .cif, .vasp, .poscar, POSCAR*, CONTCAR*, .xyz, .extxyz, .jsonl, each also with .gz.',
  });
}

function holdsCrystals(name: string): boolean {
  if (/\.json(\.gz)?$/i.test(name)) return false;
  try {
    return IN_FOLDERS.has(formatOf(name));
  } catch {
    return false;
  }
}

/** The rows of a source; when it breaks off, an error row after those that could be read. */
export async function* rowsOf({ input, format }: Source): AsyncGenerator<RowPiece> {
  let index = 0;
  let line = 1;
  try {
    for await (const piece of streamCrystals(input, format === undefined ? {} : { format })) {
      const last = piece.rows.at(-1);
      if (last) [index, line] = [last.index + 1, last.line + 1];
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
    const { code, message } = error;
    yield { rows: [{ index, line: error.options.line ?? line, error: { code, message } }], read: 1 };
  }
}

/** The crystal of a row that is the only one. Throws the error of the row, with file and line. */
export function onlyCrystal(row: InputRow): Crystal {
  if ('crystal' in row) return row.crystal;
  throw new LcomsError(row.error.code as ErrorCode, row.error.message, { file: row.file, line: row.line });
}
