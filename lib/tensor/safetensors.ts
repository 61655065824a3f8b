import { LcomsError } from '../../schemas/errors.js';

/** A tensor outside any backend: `data` in row-major order, its length the product of `shape`. */
export interface NamedTensor {
  shape: number[];
  data: Float32Array | Int32Array;
}

/** Tensors by name: weights, optimizer slots, latents. */
export type NamedTensors = Record<string, NamedTensor>;

/** What a safetensors file holds. */
export interface SafetensorsFile {
  tensors: NamedTensors;
  metadata: Record<string, string>;
}

const MAX_HEADER_BYTES = 100_000_000;
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The bytes of a safetensors file (https://github.com/huggingface/safetensors): F32 and I32 tensors, names sorted,
 * header padded with spaces to 8 bytes. Equal tensors and metadata give equal bytes whatever the order of the keys.
 * Throws LCOMS_E_INPUT when a shape and its data disagree or a name is `__metadata__`.
 */
export function writeSafetensors(tensors: NamedTensors, metadata: Record<string, string> = {}): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = sorted(metadata);
  const names = Object.keys(tensors).sort();
  let end = 0;
  for (const name of names) {
    const { shape, data } = tensors[name] as NamedTensor;
    if (name === '__metadata__' || elements(shape) !== data.length) {
      throw new LcomsError('LCOMS_E_INPUT', `tensor "${name}" of shape [${shape}] can't hold ${data.length} values`);
    }
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype: data instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(text, 8);
  let at = 8 + headerBytes;
  for (const name of names) {
    const { data } = tensors[name] as NamedTensor;
    bytes.set(littleEndian(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the bytes of a safetensors file with F32 and I32 tensors. The data are copies, aligned and independent of
 * `bytes`. Throws LCOMS_E_ARTIFACT_CORRUPT for anything that the format does not allow; `file` is named in the error.
 */
export function readSafetensors(bytes: Uint8Array, file?: string): SafetensorsFile {
  const corrupt = (why: string): LcomsError =>
    new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `not a safetensors file: ${why}`, file === undefined ? {} : { file });
  if (bytes.length < 8) throw corrupt(`${bytes.length} bytes are too few`);
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > bytes.length) throw corrupt('the header runs past the end');
  const body = bytes.subarray(8 + headerBytes);
  const tensors: NamedTensors = {};
  let covered = 0;
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, 8 + headerBytes), corrupt);
  if (!isStringRecord(metadata)) throw corrupt('__metadata__ must map names to strings');
  const ordered = Object.entries(entries).map(([name, entry]) => [name, checkEntry(name, entry, corrupt)] as const);
  ordered.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { dtype, shape, begin, end }] of ordered) {
    if (begin !== covered || end > body.length)
      throw corrupt(`the bytes of "${name}" overlap, leave a gap, or are cut off`);
    covered = end;
    const { buffer } = littleEndian(new Uint8Array(body.subarray(begin, end))); // a Buffer's own slice does not copy
    tensors[name] = { shape, data: dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer) };
  }
  if (covered !== body.length) throw corrupt(`${body.length - covered} bytes belong to no tensor`);
  return { tensors, metadata };
}

type Corrupt = (why: string) => LcomsError;

function parseHeader(text: Uint8Array, corrupt: Corrupt): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below: the parser's own words name columns of a binary file.
  }
  throw corrupt('the header is not a JSON object');
}

function checkEntry(name: string, entry: unknown, corrupt: Corrupt) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  if (dtype !== 'F32' && dtype !== 'I32')
    throw corrupt(`"${name}" has dtype ${String(dtype)}; F32 and I32 can be read`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw corrupt(`"${name}" has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw corrupt(`"${name}" has no valid data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== 4 * elements(shape))
    throw corrupt(`"${name}" of shape [${shape}] can't hold ${end - begin} bytes`);
  return { dtype, shape: shape as number[], begin, end };
}

const elements = (shape: readonly number[]): number => shape.reduce((product, d) => product * d, 1);

const isStringRecord = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' && value !== null && Object.values(value).every((v) => typeof v === 'string');

const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The bytes of 4-byte values in little-endian order; a no-op on every common processor. */
function littleEndian(bytes: Uint8Array<ArrayBuffer> | Uint8Array): Uint8Array<ArrayBuffer> {
  if (LITTLE_ENDIAN) return bytes as Uint8Array<ArrayBuffer>;
  const swapped = Uint8Array.from(bytes);
  const view = new DataView(swapped.buffer);
  for (let at = 0; at < swapped.length; at += 4) view.setUint32(at, view.getUint32(at, false), true);
  return swapped;
}
