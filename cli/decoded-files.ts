import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatOf } from '../lib/crystal/io/read.js';
import { WRITABLE_FORMATS, type WritableFormat, writeCrystals } from '../lib/crystal/io/write.js';
import type { Crystal } from '../schemas/crystal.js';
import { LcomsError } from '../schemas/errors.js';

const ENDINGS = { cif: '.cif', poscar: '.vasp', extxyz: '.extxyz', jsonl: '.jsonl' } as const satisfies Record<
  WritableFormat,
  string
>;

/** Where crystals go as they are made. */
export interface CrystalSink {
  /** Takes crystals with their ids set; gives the file of each, null for stdout. */
  write(crystals: readonly Crystal[]): (string | null)[];
  /** Puts a single file in its place; until then only a partial one exists. */
  end(): void;
  /** Takes a partial file away. */
  abandon(): void;
}

/**
 * One file when `out` ends in a crystal format, else a folder with a file a crystal, named by its id; stdout without `out`.
 * @throws LcomsError LCOMS_E_USAGE for an unknown format, LCOMS_E_FILE when `out` can't be written
 */
export function openSink(out: string | undefined, format: string | undefined): CrystalSink {
  if (format !== undefined && !WRITABLE_FORMATS.includes(format as WritableFormat)) {
    throw new LcomsError('LCOMS_E_USAGE', `--format is "${format}"; it must be one of ${WRITABLE_FORMATS.join(', ')}`);
  }
  const given = format as WritableFormat | undefined;
  if (out === undefined) return toStdout(given ?? 'jsonl');
  const named = formatOfName(out);
  if (named === null || (existsSync(out) && statSync(out).isDirectory())) return toFolder(out, given ?? 'cif');
  return toFile(out, given ?? named);
}

function formatOfName(file: string): WritableFormat | null {
  try {
    const format = formatOf(file);
    return format === 'csv' || file.endsWith('.gz') ? null : format;
  } catch {
    return null;
  }
}

function toStdout(format: WritableFormat): CrystalSink {
  return {
    write: (crystals) => {
      if (crystals.length > 0) process.stdout.write(writeCrystals(crystals, format));
      return crystals.map(() => null);
    },
    end: () => undefined,
    abandon: () => undefined,
  };
}

function toFile(file: string, format: WritableFormat): CrystalSink {
  const partial = `${file}.${process.pid}.partial`;
  let written = 0;
  return {
    write: (crystals) => {
      if (format === 'poscar' && written + crystals.length > 1) {
        throw new LcomsError('LCOMS_E_INPUT', 'a POSCAR holds one crystal: give --out a folder', { file });
      }
      attempt(file, () => {
        if (written === 0) mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
        const text = crystals.length === 0 ? '' : writeCrystals(crystals, format);
        if (written === 0) writeFileSync(partial, text);
        else appendFileSync(partial, format === 'cif' && text !== '' ? `\n${text}` : text);
      });
      written += crystals.length;
      return crystals.map(() => file);
    },
    end: () => {
      if (existsSync(partial)) attempt(file, () => renameSync(partial, file));
    },
    abandon: () => rmSync(partial, { force: true }),
  };
}

function toFolder(folder: string, format: WritableFormat): CrystalSink {
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
  return {
    write: (crystals) =>
      crystals.map((crystal) => {
        const file = path.join(folder, `${crystal.id ?? 'crystal'}${ENDINGS[format]}`);
        const partial = `${file}.${process.pid}.partial`;
        attempt(file, () => {
          writeFileSync(partial, writeCrystals([crystal], format));
          renameSync(partial, file);
        });
        return file;
      }),
    end: () => undefined,
    abandon: () => undefined,
  };
}

function attempt(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof LcomsError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new LcomsError('LCOMS_E_FILE', `it cannot be written (${code ?? String(cause)})`, { file, cause });
  }
}
