import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Row } from './export-tables.js';

/** How a table is written. */
export const FORMATS = {
  csv: (rows: readonly Row[]): string => {
    const names = columnsOf(rows);
    return [names, ...rows.map((row) => names.map((name) => row[name] ?? null))]
      .map((cells) => `${cells.map(csvCell).join(',')}\n`)
      .join('');
  },
  jsonl: (rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  parquet: (rows: readonly Row[]): Uint8Array => {
    const columnData = columnsOf(rows).map((name) => {
      const data = rows.map((row) => row[name] ?? null);
      const type = typeOf(data);
      return {
        name,
        type,
        nullable: true,
        data: type === 'STRING' ? data.map((v) => (v === null ? null : String(v))) : data,
      };
    });
    return new Uint8Array(parquetWriteBuffer({ columnData }));
  },
} as const;
export type Format = keyof typeof FORMATS;

/** Every column that some row has, in the order in which they come. */
function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column of numbers, or of true and false, is one; any other holds strings. */
function typeOf(data: readonly Cell[]): 'DOUBLE' | 'BOOLEAN' | 'STRING' {
  const types = new Set(data.filter((value) => value !== null).map((value) => typeof value));
  if (types.size !== 1) return 'STRING';
  return types.has('number') ? 'DOUBLE' : types.has('boolean') ? 'BOOLEAN' : 'STRING';
}
