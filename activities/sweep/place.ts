import { LcomsError } from '../../schemas/errors.js';

/** Keys of a dotted path; whole numbers are places in a list. */
export function keysOf(path: string): (string | number)[] {
  return path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** What lies at a path of plain JSON; undefined where nothing does. */
export function valueAt(document: unknown, path: string): unknown {
  let at = document;
  for (const key of keysOf(path)) at = (at as Record<string | number, unknown> | null | undefined)?.[key];
  return at;
}

/**
 * A copy of plain JSON with a value at a path, mappings made on the way.
 * @throws LcomsError LCOMS_E_SPEC when the way leads through a plain value
 */
export function withValue(
  document: Record<string, unknown>,
  path: string,
  value: unknown,
  file: string,
): Record<string, unknown> {
  const copy = { ...document };
  const keys = keysOf(path);
  let at: Record<string | number, unknown> = copy;
  for (const [depth, key] of keys.slice(0, -1).entries()) {
    const next = at[key] ?? {};
    if (typeof next !== 'object') {
      const parent = keys.slice(0, depth + 1).join('.');
      throw new LcomsError('LCOMS_E_SPEC', `"${parent}" is ${JSON.stringify(next)}, so there is no "${path}"`, {
        file,
        path,
      });
    }
    at[key] = Array.isArray(next) ? [...next] : { ...next };
    at = at[key] as Record<string | number, unknown>;
  }
  at[keys.at(-1) as string] = value;
  return copy;
}
