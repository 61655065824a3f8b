import { canonicalJson } from './canonical-json.js';

/** A path whose values differ, as `plugin.options.epochs`; undefined where a side has none. */
export interface JsonDifference {
  path: string;
  before: unknown;
  now: unknown;
}

/**
 * Where two JSON values differ, as deep as both have members there. Nothing and null are the same.
 * @param lists whether lists are looked into, item by item, or compared as a whole
 */
export function jsonDifferences(before: unknown, now: unknown, lists: boolean, path = ''): JsonDifference[] {
  if (canonicalJson(before ?? null) === canonicalJson(now ?? null)) return [];
  if (!hasMembers(before, lists) || !hasMembers(now, lists)) return [{ path, before, now }];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) =>
    jsonDifferences(before[name], now[name], lists, path === '' ? name : `${path}.${name}`),
  );
}

const hasMembers = (value: unknown, lists: boolean): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && (lists || !Array.isArray(value));
