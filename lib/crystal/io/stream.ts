import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LcomsError } from '../../../schemas/errors.js';
import { CRYSTAL_FORMATS, type CrystalFormat, type CrystalRow, cannotRead, formatOf, parseCrystals } from './read.js';
import { endOfRecord, STREAMED } from './records.js';
import { sniffFormat } from './sniff.js';

/** Characters of text that are parsed together, about, unless given. */
const PIECE = 1 << 20;
/** Characters after which a format that has not shown itself won't. */
const SNIFFED = 1 << 16;

/** Consecutive rows of a file, and the share of the file (0 to 1) that has been read to their end; 0 when not known. */
export interface RowPiece {
  rows: CrystalRow[];
  read: number;
}

/** A file, or a stream with a name for messages. */
export type CrystalSource = string | { name: string; stream: Readable };

export interface StreamOptions {
  pieceLength?: number;
  /** Overrides what a file's name says; a stream without one is sniffed. */
  format?: CrystalFormat;
}

interface TextPart {
  text: string;
  read: number;
}

/**
 * The rows of `readCrystals`, piece by piece: JSON lines, extXYZ and CSV, which hold large sets, are never in memory as a
 * whole. The other formats, and JSON that is one document, come as one piece. A stream's rows come as soon as they are
 * complete.
 * @throws LcomsError LCOMS_E_FILE for a missing file, an unknown ending, a broken gzip or a stream whose format can't be
 * told; LCOMS_E_CRYSTAL for a CSV without a column `cif`.
 */
export async function* streamCrystals(source: CrystalSource, options: StreamOptions = {}): AsyncGenerator<RowPiece> {
  const name = typeof source === 'string' ? source : source.name;
  const given = options.format ?? (typeof source === 'string' ? formatOf(source) : null);
  const { pieceLength = typeof source === 'string' ? PIECE : 1 } = options;
  const parts = textParts(source);
  const { format, oneDocument, begun } = await begin(parts, given, name);
  const rest = joined(begun, parts);
  if (oneDocument || !STREAMED.has(format)) {
    yield { rows: parseCrystals(await whole(rest), { name, format }), read: 1 };
    return;
  }
  let header = '';
  let lines = 0;
  let index = 0;
  for await (const { text, read } of wholeRecords(rest, format, pieceLength)) {
    if (format === 'csv' && header === '' && read < 1 && endOfRecord(text, format, 0).end === text.length) {
      header = text;
      lines = linesOf(text);
      continue;
    }
    // A piece of a table is read as a table: under the header of the first.
    const skipped = header === '' ? 0 : linesOf(header);
    const rows = isBlank(text) && index > 0 ? [] : parseCrystals(header + text, { name, format });
    if (rows.length > 0) {
      yield { rows: rows.map((row, i) => ({ ...row, index: index + i, line: row.line + lines - skipped })), read };
    }
    if (format === 'csv' && header === '') header = text.slice(0, endOfRecord(text, format, 0).end);
    index += rows.length;
    lines += linesOf(text);
  }
  if (index === 0 && header !== '') yield { rows: parseCrystals(header, { name, format }), read: 1 };
}

const isBlank = (text: string): boolean => text.trim() === '';

function linesOf(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Reads as much as tells the format, and whether JSON is an array or one crystal over many lines: no line is a row then. */
async function begin(
  parts: AsyncGenerator<TextPart>,
  given: CrystalFormat | null,
  name: string,
): Promise<{ format: CrystalFormat; oneDocument: boolean; begun: TextPart }> {
  let text = '';
  let read = 0;
  for (;;) {
    const next = await parts.next();
    if (!next.done) {
      text += next.value.text;
      read = next.value.read;
    }
    const format = given ?? sniffFormat(text, next.done === true);
    const start = text.trimStart();
    if (format !== null && (format !== 'jsonl' || start.length > 1 || next.done)) {
      return {
        format,
        oneDocument: format === 'jsonl' && (start.startsWith('[') || /^\{\s*?[\r\n]/.test(start)),
        begun: { text, read: next.done ? 1 : read },
      };
    }
    if (!next.done && text.length < SNIFFED) continue;
    if (isBlank(text)) return { format: 'jsonl', oneDocument: false, begun: { text, read: 1 } };
    throw new LcomsError(
      'LCOMS_E_FILE',
      `the format of ${name} can't be told from how it begins; name it: ${CRYSTAL_FORMATS.join(', ')}`,
      {
        file: name,
      },
    );
  }
}

async function* joined(first: TextPart, rest: AsyncGenerator<TextPart>): AsyncGenerator<TextPart> {
  yield first;
  yield* rest;
}

async function whole(parts: AsyncIterable<TextPart>): Promise<string> {
  const texts: string[] = [];
  for await (const { text } of parts) texts.push(text);
  return texts.join('');
}

/** Text up to the end of a record, `least` characters or more at a time. */
async function* wholeRecords(
  parts: AsyncIterable<TextPart>,
  format: CrystalFormat,
  least: number,
): AsyncGenerator<TextPart> {
  let rest = '';
  let begun = false;
  for await (const part of parts) {
    rest += part.text;
    if (rest.length < least) continue;
    const { end, broken } = endOfRecord(rest, format, rest.length);
    if (end === 0) continue;
    begun = true;
    yield { text: rest.slice(0, end), read: broken ? 1 : part.read };
    if (broken) return;
    rest = rest.slice(end);
  }
  if (!isBlank(rest) || !begun) yield { text: rest, read: 1 };
}

async function* textParts(source: CrystalSource): AsyncGenerator<TextPart> {
  const file = typeof source === 'string' ? source : source.name;
  const bytes = typeof source === 'string' ? createReadStream(source) : source.stream;
  const size = typeof source === 'string' ? (statSync(source, { throwIfNoEntry: false })?.size ?? 0) : 0;
  const decoder = new TextDecoder();
  let zipped = false;
  try {
    const iterator = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await iterator.next();
    if (first.done) return;
    zipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
    const all = (async function* () {
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => iterator };
    })();
    for await (const part of zipped ? unzipped(all) : all) {
      const read = 'bytesRead' in bytes && size > 0 ? Math.min(1, bytes.bytesRead / size) : 0;
      yield { text: decoder.decode(part as Buffer, { stream: true }), read };
    }
  } catch (cause) {
    if (!zipped) throw cannotRead(file, cause);
    throw new LcomsError('LCOMS_E_FILE', `cannot unzip ${file}: ${(cause as Error).message}`, { file, cause });
  } finally {
    bytes.destroy();
  }
}

function unzipped(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // The reader hears of an error by the stream's own end.
  return pipeline(Readable.from(bytes), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
}
