import { LcomsError } from '../../schemas/errors.js';

/**
 * A segment begins with a letter, digit or underscore, so `.`, `..`, hidden and temporary files can't be named; the
 * length leaves room for a suffix within the 255 bytes of a file name. Keys must not differ by case alone: some disks
 * would take them for one.
 */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,149}$/;

/** Longest key, in characters; S3 allows 1024 bytes with the bucket's prefix. */
export const MAX_KEY_LENGTH = 512;

const FORM = 'segments of A-Z a-z 0-9 . _ - joined by /, each beginning with a letter, digit or _';

function refuse(what: string, value: string): never {
  const shown = JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
  throw new LcomsError('LCOMS_E_INPUT', `the object ${what} ${shown} is not allowed`, {
    hint: `A ${what} is at most ${MAX_KEY_LENGTH} characters: ${FORM}.`,
  });
}

/** Whether `name` can be one segment of a key. */
export function isKeySegment(name: string): boolean {
  return SEGMENT.test(name);
}

/** Returns the key when every driver can hold it; throws LCOMS_E_INPUT otherwise. Keys are never rewritten. */
export function checkKey(key: string): string {
  if (key.length > MAX_KEY_LENGTH || !key.split('/').every(isKeySegment)) refuse('key', key);
  return key;
}

/** Returns the prefix when it begins some key ('' begins all); throws LCOMS_E_INPUT otherwise. */
export function checkPrefix(prefix: string): string {
  if (prefix === '') return prefix;
  const segments = prefix.split('/');
  if (segments.at(-1) === '') segments.pop();
  if (prefix.length > MAX_KEY_LENGTH || !segments.every(isKeySegment)) refuse('prefix', prefix);
  return prefix;
}
