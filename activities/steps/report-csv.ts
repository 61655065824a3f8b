import { type Cell, COLUMNS } from './report-columns.js';
import type { ScoreRow } from './score-row.js';

function cell(value: Cell): string {
  if (value == null) return '';
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toFixed(6)));
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line per candidate; empty where a value is not known. */
export function reportCsv(rows: readonly ScoreRow[]): string {
  const lines = [COLUMNS.map(({ name }) => name), ...rows.map((row) => COLUMNS.map(({ value }) => cell(value(row))))];
  return `${lines.map((line) => line.join(',')).join('\n')}\n`;
}
