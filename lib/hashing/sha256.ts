import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** Lower-case hexadecimal sha256 of bytes or of a UTF-8 string. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** sha256 of the canonical JSON of a value: equal values, equal digests. */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value));
}
