/** Leaves of a JSON value by their path, as `surrogate.with.tau`; an empty object or list is a leaf. */
export function flatten(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  const members =
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? value.map((each, i) => [String(i), each] as const)
        : Object.entries(value)
      : [];
  if (members.length === 0) {
    if (path !== '' && value !== undefined) into.set(path, value);
    return into;
  }
  for (const [name, each] of members) flatten(each, path === '' ? name : `${path}.${name}`, into);
  return into;
}

/** A path whose values differ; undefined where one side has none. */
export interface Difference {
  path: string;
  a: unknown;
  b: unknown;
}

/** Where two JSON values differ, by path. */
export function differences(a: unknown, b: unknown): Difference[] {
  const left = flatten(a);
  const right = flatten(b);
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((path) => ({ path, a: left.get(path), b: right.get(path) }))
    .filter((each) => JSON.stringify(each.a) !== JSON.stringify(each.b));
}

/** A value in a table: at most `width` characters, `-` for none. */
export function shortText(value: unknown, width = 60): string {
  if (value === undefined) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}
