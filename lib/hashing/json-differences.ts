import { canonicalJson } from './canonical-json.js';

/** A path whose values differ, as `plugin.options.epochs`; undefined where a side has none. */
export interface JsonDifference {
  path: string;
  before: unknown;
  now: unknown;
}

/**
 * Where two JSON values differ, as deep as both have members there. A member that is null is as good as none; an item is not.
 * @param lists whether lists are looked into, item by item, or compared as a whole
 */
export function jsonDifferences(before: unknown, now: unknown, lists: boolean, path = ''): JsonDifference[] {
  if (canonicalJson(before ?? null) === canonicalJson(now ?? null)) return [];
  const whole = [{ path, before, now }];
  if (!hasMembers(before, lists) || !hasMembers(now, lists)) return whole;
  if (Array.isArray(before) !== Array.isArray(now)) return whole;
  const inside = [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) =>
    jsonDifferences(member(before, name), member(now, name), lists, path === '' ? name : `${path}.${name}`),
  );
  return inside.length === 0 && Array.isArray(before) ? whole : inside;
}

/** Its own: every object inherits a `toString`. */
const member = (value: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined;

const hasMembers = (value: unknown, lists: boolean): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && (lists || !Array.isArray(value));
