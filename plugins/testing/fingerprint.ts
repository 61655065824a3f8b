import { sha256 } from '../../lib/hashing/sha256.js';

/** sha256 of any value made of plain objects, arrays, maps, typed arrays, numbers (NaN too), strings and null. */
export function fingerprint(value: unknown): string {
  return sha256(describe(value));
}

/**
 * Runs `body` and tells whether it left `inputs` as they were: compared before and after, because typed arrays can't be
 * frozen. Plain objects and arrays are frozen too, so that a write throws at its place.
 */
export async function unchanged<T>(inputs: unknown, body: () => T | Promise<T>): Promise<T> {
  const before = fingerprint(inputs);
  freeze(inputs);
  const result = await body();
  if (fingerprint(inputs) !== before) throw new Error('the plugin changed its input');
  return result;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}:${sha256(bytes)}`;
  }
  if (Array.isArray(value)) return `[${value.map(describe).join(',')}]`;
  if (value instanceof Map || value instanceof Set) return `{${[...value].map(describe).join(',')}}`;
  if (value instanceof Error) return `Error:${value.message}`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${describe(member)}`).join(',')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
