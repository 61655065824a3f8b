import { parquetWriteBuffer } from 'hyparquet-writer';
import { COLUMNS } from './report-columns.js';
import type { ScoreRow } from './score-row.js';

/** results.csv's table as Parquet, numbers in full. */
export function reportParquet(rows: readonly ScoreRow[]): Uint8Array {
  const columnData = COLUMNS.map(({ name, type, value }) => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => value(row) ?? null),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
