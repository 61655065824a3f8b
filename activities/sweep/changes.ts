import { canonicalJson } from '../../lib/hashing/canonical-json.js';
import type { ResolvedSweep } from '../../schemas/sweep.js';

/** Parts of a sweep that its trials do not depend on. */
const FREE = new Set(['description', 'stop', 'onFailure', 'concurrency']);

/** What differs between two sweeps: `path: before -> now`, a line each. */
export function changesOf(before: ResolvedSweep, now: ResolvedSweep): string[] {
  const lines: string[] = [];
  compare('', before, now, lines);
  return lines;
}

function compare(path: string, a: unknown, b: unknown, lines: string[]): void {
  if (FREE.has(path) || canonicalJson(a ?? null) === canonicalJson(b ?? null)) return;
  if (!isObject(a) || !isObject(b)) {
    lines.push(`${path}: ${shown(a)} -> ${shown(b)}`);
    return;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
    compare(path === '' ? key : `${path}.${key}`, a[key], b[key], lines);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
