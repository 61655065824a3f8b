import path from 'node:path';
import type { CrystalRow } from '../lib/crystal/io/read.js';
import type { OffMinimum } from '../lib/crystal/io/rows.js';
import type { RowPiece } from '../lib/crystal/io/stream.js';
import type { Crystal } from '../schemas/crystal.js';
import type { Source } from './crystal-sources.js';

/** Rows that one process scores together. Fixed, and counted from the first row: a scorer may round by what is beside. */
export const BATCH = 16;

/** A row of the input, with where it is from. */
export type InputRow = {
  file: string;
  /** Among the crystals of the file, from 0. */
  index: number;
  line: number;
  /** Whether the file holds no other. */
  alone: boolean;
} & ({ id: string; crystal: Crystal; offMinimum?: OffMinimum } | { error: { code: string; message: string } });

export interface Batch {
  rows: InputRow[];
  /** Share of all input, 0 to 1, up to the end of the batch; null when it can't be known. */
  share: number | null;
}

/**
 * Every row of the sources in order, `size` at a time; only the last batch is smaller. A crystal without an id is called
 * after its file and its place in it (from 0): `mine/17`.
 * @throws as `read`
 */
export async function* batchesOf(
  sources: readonly Source[],
  read: (source: Source) => AsyncIterable<RowPiece>,
  size = BATCH,
): AsyncGenerator<Batch> {
  let rows: InputRow[] = [];
  let share: number | null = null;
  for await (const next of inputRows(sources, read)) {
    rows.push(next.row);
    share = next.share;
    if (rows.length < size) continue;
    yield { rows, share };
    rows = [];
  }
  if (rows.length > 0) yield { rows, share };
}

/** A row is held back until it shows whether another follows it in its file. */
async function* inputRows(
  sources: readonly Source[],
  read: (source: Source) => AsyncIterable<RowPiece>,
): AsyncGenerator<{ row: InputRow; share: number | null }> {
  const total = sources.reduce((sum, { size }) => sum + (size ?? Number.NaN), 0);
  let before = 0;
  for (const source of sources) {
    const part = (source.size ?? Number.NaN) / total;
    let held: { row: InputRow; share: number | null } | null = null;
    let from = 0;
    for await (const piece of read(source)) {
      for (const [i, row] of piece.rows.entries()) {
        if (held) yield { ...held, row: { ...held.row, alone: false } };
        const share = before + part * (from + ((piece.read - from) * (i + 1)) / piece.rows.length);
        held = { row: inputRow(source.name, row), share: Number.isFinite(share) ? share : null };
      }
      from = piece.read;
    }
    if (held) yield held;
    before += part;
  }
}

function inputRow(file: string, row: CrystalRow): InputRow {
  const { index, line } = row;
  const place = { file, index, line, alone: index === 0 };
  if ('error' in row) return { ...place, error: row.error };
  const id = row.crystal.id ?? `${stemOf(file)}/${index}`;
  return { ...place, id, crystal: row.crystal, ...(row.offMinimum && { offMinimum: row.offMinimum }) };
}

/** Name of a file without folder and endings; `stdin` for it. */
export function stemOf(file: string): string {
  if (file === '-') return 'stdin';
  return path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]+$/, '');
}
