import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { LcomsError } from '../../../schemas/errors.js';
import { type CrystalFormat, type CrystalRow, cannotRead, formatOf, parseCrystals, readCrystals } from './read.js';

/** Characters of text that are parsed together, about, unless given. */
const PIECE = 1 << 20;

/** Consecutive rows of a file, and the share of the file (0 to 1) that has been read to their end. */
export interface RowPiece {
  rows: CrystalRow[];
  read: number;
}

/**
 * The rows of `readCrystals`, piece by piece: JSON lines and CSV, which hold large sets, are never in memory as a whole.
 * The other formats, and JSON that is one document, come as one piece.
 * @throws LcomsError LCOMS_E_FILE for a missing file, an unknown ending or a broken gzip; LCOMS_E_CRYSTAL for a CSV
 * without a column `cif`.
 */
export async function* streamCrystals(
  file: string,
  { pieceLength = PIECE }: { pieceLength?: number } = {},
): AsyncGenerator<RowPiece> {
  const format = formatOf(file);
  if ((format !== 'jsonl' && format !== 'csv') || (await isOneDocument(file, format))) {
    yield { rows: await readCrystals(file), read: 1 };
    return;
  }
  let header = '';
  let lines = 0;
  let index = 0;
  for await (const { text, read } of wholeRecords(file, format, pieceLength)) {
    // A piece of a table is read as a table: under the header of the first.
    const skipped = header === '' ? 0 : linesOf(header);
    const rows = isBlank(text) && index > 0 ? [] : parseCrystals(header + text, { name: file, format });
    if (rows.length > 0) {
      yield { rows: rows.map((row, i) => ({ ...row, index: index + i, line: row.line + lines - skipped })), read };
    }
    if (format === 'csv' && header === '') header = text.slice(0, endOfRecord(text, format, 0));
    index += rows.length;
    lines += linesOf(text);
  }
}

const isBlank = (text: string): boolean => text.trim() === '';

function linesOf(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Text up to the end of a record, `least` characters or more at a time. */
async function* wholeRecords(
  file: string,
  format: CrystalFormat,
  least: number,
): AsyncGenerator<{ text: string; read: number }> {
  let rest = '';
  let begun = false;
  for await (const part of textParts(file)) {
    rest += part.text;
    if (rest.length < least) continue;
    const end = endOfRecord(rest, format, rest.length);
    if (end === 0) continue;
    begun = true;
    yield { text: rest.slice(0, end), read: part.read };
    rest = rest.slice(end);
  }
  if (!isBlank(rest) || !begun) yield { text: rest, read: 1 };
}

/**
 * Where the first record at or after `least` ends, or, when there is none, the last one; 0 for none at all. A line feed
 * ends a record, in a table only outside of quotes: after an even number of them.
 */
function endOfRecord(text: string, format: CrystalFormat, least: number): number {
  if (format === 'jsonl') return text.lastIndexOf('\n') + 1;
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

async function* textParts(file: string): AsyncGenerator<{ text: string; read: number }> {
  const { size, zipped } = await look(file);
  const source = createReadStream(file);
  const stream = zipped ? source.pipe(createGunzip()) : source;
  source.once('error', (error) => stream.destroy(error));
  const decoder = new TextDecoder();
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      yield { text: decoder.decode(bytes, { stream: true }), read: source.bytesRead / size };
    }
  } catch (cause) {
    if (!zipped) throw cannotRead(file, cause);
    throw new LcomsError('LCOMS_E_FILE', `cannot unzip ${file}: ${(cause as Error).message}`, { file, cause });
  } finally {
    source.destroy();
  }
}

async function look(file: string): Promise<{ size: number; zipped: boolean }> {
  try {
    const handle = await open(file);
    try {
      const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return { size: (await handle.stat()).size, zipped: buffer[0] === 0x1f && buffer[1] === 0x8b };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/** Whether JSON is an array or one crystal over many lines: then no line of it is a row. */
async function isOneDocument(file: string, format: CrystalFormat): Promise<boolean> {
  if (format !== 'jsonl') return false;
  let start = '';
  for await (const { text } of textParts(file)) {
    start = (start + text).trimStart();
    if (start.length > 1) break;
  }
  return start.startsWith('[') || /^\{\s*?[\r\n]/.test(start);
}
