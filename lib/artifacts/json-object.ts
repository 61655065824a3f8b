import type { z } from 'zod';
import { LcomsError } from '../../schemas/errors.js';
import { canonicalJson } from '../hashing/canonical-json.js';

/** Canonical JSON as UTF-8 with a line end. Throws LCOMS_E_INPUT for what JSON can't carry. */
export function encodeJson(value: unknown, what: string): Uint8Array {
  try {
    return new TextEncoder().encode(`${canonicalJson(value)}\n`);
  } catch (error) {
    throw new LcomsError('LCOMS_E_INPUT', `${what} cannot be written as JSON: ${(error as Error).message}`);
  }
}

/** Parses the bytes of a stored JSON object. Throws LCOMS_E_ARTIFACT_CORRUPT that names the key and what is wrong. */
export function decodeJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, key: string, store: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw corrupt(key, store, `its ${bytes.length} bytes are not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw corrupt(key, store, `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`);
}

/** LCOMS_E_ARTIFACT_CORRUPT for an object of a store. */
export function corrupt(key: string, store: string, found: string): LcomsError {
  return new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `${key} in ${store} is corrupt: ${found}`, { path: key });
}
