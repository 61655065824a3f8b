import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ranked } from '../activities/predict/rank.js';
import { writeCrystals } from '../lib/crystal/io/write.js';
import { symmetrisedCell } from '../lib/crystal/symmetrise.js';
import { LcomsError } from '../schemas/errors.js';
import { type PredictionRecord, predictionRecordSchema } from '../schemas/prediction.js';

/** Cells in which predictions are written. */
export const CELLS = ['primitive', 'conventional'] as const;
export type CellKind = (typeof CELLS)[number];

/** A: the written cells are idealised to more than this. */
const SYMPREC = 0.01;

/**
 * Checks, without making anything, that files can be written to a folder that need not exist yet.
 * @throws LcomsError LCOMS_E_FILE
 */
export function assertWritable(folder: string): void {
  let existing = path.resolve(folder);
  for (;;) {
    try {
      if (!statSync(existing).isDirectory()) throw refused(folder, `${existing} is a file`);
      accessSync(existing, constants.W_OK | constants.X_OK);
      return;
    } catch (cause) {
      if (cause instanceof LcomsError) throw cause;
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOTDIR' || code === 'ENOENT') existing = path.dirname(existing);
      else
        throw refused(folder, code === 'EACCES' || code === 'EROFS' ? 'no permission to write' : String(cause), cause);
    }
  }
}

/**
 * Writes the CIFs of the predictions that have a file, then the record, each whole or not at all. Files of an earlier
 * record of the compound that this one does not name are removed: they would look like answers of this one.
 * @returns path of the record
 * @throws LcomsError LCOMS_E_FILE when the folder can't be written
 */
export function writePredictions(
  folder: string,
  stem: string,
  ranked: readonly Ranked[],
  record: PredictionRecord,
  cell: CellKind,
): string {
  const recordFile = path.join(folder, `${stem}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    const stale = new Set(filesOfRecord(recordFile));
    for (const { prediction, crystal } of ranked) {
      if (prediction.file === null) continue;
      stale.delete(prediction.file);
      const { spaceGroup, spaceGroupNumber, energyPerAtom, rank } = prediction;
      const { name, version } = record.scorer;
      const id = prediction.file.replace(/\.cif$/, '');
      const written = cell === 'conventional' ? symmetrisedCell(crystal, 'conventional', SYMPREC) : crystal;
      const about = `# ${record.formula}, rank ${rank}: ${energyPerAtom.toFixed(4)} eV/atom by ${name} ${version}; space group ${spaceGroup} (${spaceGroupNumber}); all atoms of the ${cell} cell\n`;
      writeWhole(path.join(folder, prediction.file), about + writeCrystals([{ ...written, id }], 'cif'));
    }
    writeWhole(recordFile, `${JSON.stringify(record, null, 2)}\n`);
    for (const name of stale) rmSync(path.join(folder, name), { force: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof LcomsError || typeof code !== 'string') throw cause;
    throw refused(folder, code === 'EACCES' ? 'no permission to write' : (cause as Error).message, cause);
  }
  return recordFile;
}

/** Names of the CIFs of an earlier record; none when there is no such record. */
function filesOfRecord(file: string): string[] {
  try {
    const record = predictionRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return record.candidates.flatMap((c) => (c.file === null ? [] : path.basename(c.file)));
  } catch {
    return [];
  }
}

function writeWhole(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

function refused(folder: string, why: string, cause?: unknown): LcomsError {
  return new LcomsError('LCOMS_E_FILE', `predictions can't be written there: ${why}`, {
    file: folder,
    hint: 'Give --out a folder that can be written or made.',
    ...(cause === undefined ? {} : { cause }),
  });
}
