import type { ArgsDef } from 'citty';
import { readCrystals } from '../lib/crystal/io/read.js';
import type { Crystal } from '../schemas/crystal.js';

/** The argument of every verb that reads crystals. */
export const CRYSTAL_FILES = {
  file: {
    type: 'positional',
    required: true,
    description: 'crystals: CIF, POSCAR, extXYZ, JSON lines, CSV, .gz too',
  },
} as const satisfies ArgsDef;

/** A crystal of a file, or why it can't be read. */
export interface FileCrystal {
  /** As given on the command line. */
  file: string;
  /** In the file, from 0. */
  index: number;
  crystal?: Crystal;
  error?: { code: string; message: string };
}

/** Every crystal of the files, in order. Throws LCOMS_E_FILE for one that can't be opened, before anything is done. */
export async function readCrystalFiles(files: readonly string[]): Promise<FileCrystal[]> {
  const all: FileCrystal[] = [];
  for (const file of files) {
    for (const row of await readCrystals(file)) {
      if ('crystal' in row) all.push({ file, index: row.index, crystal: row.crystal });
      else {
        const { code, message } = row.error;
        all.push({ file, index: row.index, error: { code, message: `line ${row.line}: ${message}` } });
      }
    }
  }
  return all;
}
