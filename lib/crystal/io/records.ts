import type { CrystalFormat } from './read.js';

/** Formats whose files are rows of records, so that they can be read piece by piece. */
export const STREAMED: ReadonlySet<CrystalFormat> = new Set(['jsonl', 'csv', 'extxyz']);

/** Where a record ends; `broken` when what follows belongs to no record, so that nothing after it can be read. */
export interface RecordEnd {
  /** Index after the record's line feed; 0 when none is complete. */
  end: number;
  broken: boolean;
}

/**
 * Where the first record at or after `least` ends, or, when there is none, the last one. A line feed ends a record, in a
 * table only outside of quotes: after an even number of them; in extXYZ after as many lines as the frame says.
 */
export function endOfRecord(text: string, format: CrystalFormat, least: number): RecordEnd {
  if (format === 'jsonl') return { end: text.lastIndexOf('\n') + 1, broken: false };
  return format === 'csv' ? { end: endOfRow(text, least), broken: false } : endOfFrame(text, least);
}

function endOfRow(text: string, least: number): number {
  let end = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) quoted = !quoted;
    else if (c === 0x0a && !quoted) {
      end = i + 1;
      if (end > least) return end;
    }
  }
  return end;
}

function endOfFrame(text: string, least: number): RecordEnd {
  let end = 0;
  while (end <= least) {
    const head = text.indexOf('\n', end);
    if (head < 0) break;
    const atoms = text.slice(end, head).trim();
    let at = head + 1;
    if (atoms !== '') {
      const n = Number(atoms);
      if (!(Number.isInteger(n) && n > 0)) return { end: text.length, broken: true };
      for (let line = 0; line < n + 1 && at > 0; line++) at = text.indexOf('\n', at) + 1;
    }
    if (at === 0) break;
    end = at;
  }
  return { end, broken: false };
}
