import { jsonDifferences } from '../../lib/hashing/json-differences.js';
import type { ResolvedSweep } from '../../schemas/sweep.js';

/** Parts of a sweep that its trials do not depend on. */
const FREE = new Set(['description', 'stop', 'onFailure', 'concurrency']);

/** What differs between two sweeps: `path: before -> now`, a line each. */
export function changesOf(before: ResolvedSweep, now: ResolvedSweep): string[] {
  return jsonDifferences(before, now, true)
    .filter(({ path }) => !FREE.has(path.split('.')[0] ?? ''))
    .map(({ path, before: was, now: is }) => `${path}: ${shown(was)} -> ${shown(is)}`);
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
