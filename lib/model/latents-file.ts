import { CsvError, parse } from 'csv-parse/sync';
import { LcomsError } from '../../schemas/errors.js';
import { compositionOf, reducedFormula } from '../crystal/composition.js';
import { readSafetensors, writeSafetensors } from '../tensor/safetensors.js';

/** A latent vector and the crystal that it stands for. */
export interface LatentRow {
  /** File that the crystal came from, and its index there. */
  file: string;
  index: number;
  /** Of the cell that was encoded; null when the file of latents does not say it. */
  species: string[] | null;
  latent: Float32Array;
}

/** Latents as files hold them. `encoder`: digest of the encoder that made them; null when the file does not say it. */
export interface LatentsFile {
  dimension: number;
  encoder: string | null;
  rows: LatentRow[];
}

const FORMATS = ['safetensors', 'csv', 'jsonl'] as const;
export type LatentsFormat = (typeof FORMATS)[number];

/** The format that a file's name says. @throws LcomsError LCOMS_E_FILE listing the endings that are known */
export function latentsFormatOf(file: string): LatentsFormat {
  const found = FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));
  if (found) return found;
  throw new LcomsError('LCOMS_E_FILE', `a file of latents ends in ${FORMATS.map((f) => `.${f}`).join(', ')}`, { file });
}

/** The member of a line of JSON, and the columns of a CSV: what `latent` becomes. */
export function latentDocument({ file, index, species, latent }: LatentRow, encoder: string | null) {
  const atoms = species?.length ?? null;
  const formula = species && reducedFormula(compositionOf(species));
  return { file, index, formula, atoms, species, encoder, latent: Array.from(latent, exact) };
}

/** The shortest number that is the same in 32 bits: nine digits are enough. */
const exact = (x: number): number => Number(x.toPrecision(9));

/** Bytes of a file of latents. In safetensors the tensor is `latents` (n x d); all else is in its metadata, as JSON. */
export function writeLatentsFile({ dimension, encoder, rows }: LatentsFile, format: LatentsFormat): Uint8Array {
  if (format === 'safetensors') {
    const data = new Float32Array(rows.length * dimension);
    for (const [i, { latent }] of rows.entries()) data.set(latent, i * dimension);
    return writeSafetensors(
      { latents: { shape: [rows.length, dimension], data } },
      {
        ...(encoder === null ? {} : { encoder }),
        species: JSON.stringify(rows.map(({ species }) => species)),
        sources: JSON.stringify(rows.map(({ file, index }) => ({ file, index }))),
      },
    );
  }
  const documents = rows.map((row) => latentDocument(row, encoder));
  if (format === 'jsonl') return Buffer.from(documents.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const head = ['file', 'index', 'formula', 'atoms', 'species', 'encoder'];
  const numbers = Array.from({ length: dimension }, (_, j) => `z${j}`);
  const lines = documents.map(({ file, index, formula, atoms, species, latent }) =>
    [quoted(file), index, formula ?? '', atoms ?? '', species?.join(' ') ?? '', encoder ?? '', ...latent].join(','),
  );
  return Buffer.from([[...head, ...numbers].join(','), ...lines].map((line) => `${line}\n`).join(''));
}

/**
 * Reads what writeLatentsFile wrote, or latents made elsewhere: in safetensors one matrix, in a CSV columns z0, z1, ...,
 * in JSON lines a member `latent`; species, encoder, file and index may be left out.
 * @throws LcomsError LCOMS_E_INPUT naming the file and the row that can't be read
 */
export function readLatentsFile(bytes: Uint8Array, file: string): LatentsFile {
  const format = latentsFormatOf(file);
  const read =
    format === 'safetensors' ? readTensors(bytes, file) : fromDocuments(DOCUMENTS[format](bytes, file), file);
  const odd = read.rows.findIndex(({ latent }) => !latent.every(Number.isFinite));
  if (odd >= 0) throw new LcomsError('LCOMS_E_INPUT', `latent ${odd} holds numbers that are not finite`, { file });
  return read;
}

function readTensors(bytes: Uint8Array, file: string): LatentsFile {
  let read: ReturnType<typeof readSafetensors>;
  try {
    read = readSafetensors(bytes);
  } catch (cause) {
    // A file that a person names is bad input, not a damaged store.
    throw new LcomsError('LCOMS_E_INPUT', (cause as Error).message, { file, cause });
  }
  const { tensors, metadata } = read;
  const names = Object.keys(tensors);
  const tensor = tensors['latents'] ?? (names.length === 1 ? tensors[names[0] as string] : undefined);
  const [n, d] = tensor?.shape ?? [];
  if (!tensor || n === undefined || d === undefined || tensor.shape.length !== 2) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `there is no matrix \`latents\` (n x d); it holds ${names.join(', ') || 'nothing'}`,
      { file },
    );
  }
  const list = <T>(name: string): T[] | null => {
    const text = metadata[name];
    if (text === undefined) return null;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = null;
    }
    if (Array.isArray(value) && value.length === n) return value as T[];
    throw new LcomsError('LCOMS_E_INPUT', `its metadata \`${name}\` is not a list of ${n} in JSON`, { file });
  };
  const species = list<string[] | null>('species');
  const sources = list<{ file: string; index: number }>('sources');
  const rows = Array.from({ length: n }, (_, i) => ({
    file: sources?.[i]?.file ?? file,
    index: sources?.[i]?.index ?? i,
    species: species?.[i] ?? null,
    latent: Float32Array.from(tensor.data.subarray(i * d, (i + 1) * d)),
  }));
  return { dimension: d, encoder: metadata['encoder'] ?? null, rows };
}

/** A row as a text format gives it, before it is checked. */
interface Document {
  line: number;
  file?: unknown;
  index?: unknown;
  species?: unknown;
  encoder?: unknown;
  latent?: unknown;
}

const DOCUMENTS = { csv: csvDocuments, jsonl: jsonDocuments };

function csvDocuments(bytes: Uint8Array, file: string): Document[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(Buffer.from(bytes), { columns: true, bom: true, skip_empty_lines: true }) as Record<string, string>[];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new LcomsError('LCOMS_E_INPUT', `not CSV: ${cause.message}`, { file, cause });
  }
  return rows.map((row, i) => {
    const latent: number[] = [];
    for (let text = row['z0']; text !== undefined; text = row[`z${latent.length}`])
      latent.push(text.trim() === '' ? Number.NaN : Number(text));
    const species = row['species']?.trim();
    return {
      line: i + 2,
      file: row['file'],
      index: row['index'] ? Number(row['index']) : undefined,
      species: species ? species.split(/\s+/) : null,
      encoder: row['encoder'] || null,
      latent,
    };
  });
}

function jsonDocuments(bytes: Uint8Array, file: string): Document[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((text, i) => {
      if (text.trim() === '') return [];
      try {
        return [{ ...(JSON.parse(text) as object), line: i + 1 }];
      } catch {
        throw new LcomsError('LCOMS_E_INPUT', 'the line is not JSON', { file, line: i + 1 });
      }
    });
}

function fromDocuments(documents: readonly Document[], file: string): LatentsFile {
  const encoders = new Set(documents.map(({ encoder }) => encoder ?? null));
  if (encoders.size > 1) throw new LcomsError('LCOMS_E_INPUT', 'its latents are of several encoders', { file });
  const dimension = Array.isArray(documents[0]?.latent) ? documents[0].latent.length : 0;
  const rows = documents.map(({ line, file: source, index, species, latent }, i): LatentRow => {
    const isLatent = Array.isArray(latent) && latent.length > 0 && latent.every((x) => typeof x === 'number');
    if (!isLatent || latent.length !== dimension) {
      const found = Array.isArray(latent) ? `${latent.length} numbers` : 'none';
      const wanted = dimension === 0 ? 'a latent vector' : `a latent of ${dimension} numbers, as in the first row`;
      throw new LcomsError('LCOMS_E_INPUT', `${wanted} is due, found ${found}`, { file, line });
    }
    return {
      file: typeof source === 'string' ? source : file,
      index: typeof index === 'number' ? index : i,
      species: Array.isArray(species) ? (species as string[]) : null,
      latent: Float32Array.from(latent as number[]),
    };
  });
  const [encoder] = encoders;
  return { dimension, encoder: typeof encoder === 'string' ? encoder : null, rows };
}
