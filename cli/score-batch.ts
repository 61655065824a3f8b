import path from 'node:path';
import type { CrystalRow } from '../lib/crystal/io/read.js';
import { streamCrystals } from '../lib/crystal/io/stream.js';
import type { ScoredRow } from '../lib/scoring/scored-row.js';
import type { Crystal } from '../schemas/crystal.js';

/** Rows that one process scores together. Fixed, and counted from the first row: a scorer may round by what is beside. */
export const BATCH = 16;

/** A row of the input, with where it is from. */
export type InputRow = { file: string; line: number } & (
  | { id: string; crystal: Crystal }
  | { error: { code: string; message: string } }
);

/** What became of it. */
export type RowResult = { row: ScoredRow } | { file: string; line: number; error: { code: string; message: string } };

export interface Batch {
  rows: InputRow[];
  /** Share of all input, 0 to 1, up to the end of the batch. */
  share: number;
}

/**
 * Every row of the files in order, BATCH at a time; only the last batch is smaller. A crystal without an id is called
 * after its file and its place in it (from 0): `mine/17`.
 * @param sizes bytes of each file, for the share
 * @throws as `streamCrystals`
 */
export async function* batchesOf(files: readonly string[], sizes: readonly number[]): AsyncGenerator<Batch> {
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  let rows: InputRow[] = [];
  let before = 0;
  let share = 0;
  for (const [f, file] of files.entries()) {
    const size = (sizes[f] ?? 0) / total;
    let from = 0;
    for await (const piece of streamCrystals(file)) {
      for (const [i, row] of piece.rows.entries()) {
        rows.push(inputRow(file, row));
        share = before + size * (from + ((piece.read - from) * (i + 1)) / piece.rows.length);
        if (rows.length < BATCH) continue;
        yield { rows, share };
        rows = [];
      }
      from = piece.read;
    }
    before += size;
  }
  if (rows.length > 0) yield { rows, share };
}

function inputRow(file: string, row: CrystalRow): InputRow {
  const { line } = row;
  if ('error' in row) return { file, line, error: row.error };
  const name = path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]+$/, '');
  return { file, line, id: row.crystal.id ?? `${name}/${row.index}`, crystal: row.crystal };
}
