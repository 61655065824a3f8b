import { LcomsError } from '../../schemas/errors.js';

type Arrays = Record<string, Float32Array | Float64Array>;

interface Packed {
  search: string;
  values: unknown;
  arrays: Record<string, { type: 'f32' | 'f64'; base64: string }>;
}

/**
 * The state of a search as bytes: plain values as JSON, number arrays bit for bit (NaN and infinities too), so that a
 * restored search goes on with the same bytes. `search` names what wrote it.
 */
export function encodeSearchState(search: string, values: unknown, arrays: Arrays): Uint8Array {
  const packed: Packed = { search, values, arrays: {} };
  for (const [name, array] of Object.entries(arrays)) {
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    packed.arrays[name] = { type: array instanceof Float32Array ? 'f32' : 'f64', base64: bytes.toString('base64') };
  }
  return new TextEncoder().encode(JSON.stringify(packed));
}

/**
 * Reads what encodeSearchState wrote.
 * @throws LcomsError LCOMS_E_CHECKPOINT_INCOMPATIBLE when the bytes are no state of this search.
 */
export function decodeSearchState<V, A extends Arrays>(search: string, state: Uint8Array): { values: V; arrays: A } {
  let packed: Packed;
  try {
    packed = JSON.parse(new TextDecoder().decode(state)) as Packed;
  } catch (cause) {
    throw new LcomsError('LCOMS_E_CHECKPOINT_INCOMPATIBLE', `the saved state of ${search} cannot be read`, { cause });
  }
  if (packed.search !== search) {
    throw new LcomsError('LCOMS_E_CHECKPOINT_INCOMPATIBLE', `the saved state is of ${packed.search}, not of ${search}`);
  }
  const arrays = Object.entries(packed.arrays).map(([name, { type, base64 }]) => {
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
    return [name, type === 'f32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer)] as const;
  });
  return { values: packed.values as V, arrays: Object.fromEntries(arrays) as A };
}
