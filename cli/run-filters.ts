import type { ArgsDef } from 'citty';
import { LcomsError } from '../schemas/errors.js';
import { type RunState, runStateSchema } from '../schemas/run.js';
import { wholeNumber } from './option-values.js';

/** Options of verbs that look at several runs. */
export const FILTER_OPTIONS = {
  state: { type: 'string', valueHint: 'STATE', description: 'only runs in this state; several with commas' },
  name: { type: 'string', valueHint: 'NAME', description: 'only runs of this name; * stands for anything' },
  since: { type: 'string', valueHint: 'WHEN', description: 'only runs started since: 90m, 12h, 7d, or a UTC date' },
  limit: { type: 'string', valueHint: 'N', description: 'at most so many, the first of the order' },
} as const satisfies ArgsDef;

export interface FilterValues {
  state?: string | undefined;
  name?: string | undefined;
  since?: string | undefined;
  limit?: string | undefined;
}

interface Filterable {
  name: string;
  state: RunState;
  startedAt: string;
}

/** @returns what the options keep; `limit` is left to the caller, who knows the order. Throws LCOMS_E_USAGE. */
export function runFilter(
  { state, name, since }: FilterValues,
  now: number = Date.now(),
): (run: Filterable) => boolean {
  const states = state === undefined ? null : new Set(state.split(',').map(stateOf));
  const pattern = name === undefined ? null : namePattern(name);
  const from = since === undefined ? null : instant(since, now);
  return (run) =>
    (states === null || states.has(run.state)) &&
    (pattern === null || pattern.test(run.name)) &&
    (from === null || Date.parse(run.startedAt) >= from);
}

/** Infinity when it was not given. */
export function limitOf({ limit }: FilterValues): number {
  return limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('limit', limit, 0, 1);
}

function stateOf(given: string): RunState {
  const parsed = runStateSchema.safeParse(given.trim());
  if (parsed.success) return parsed.data;
  throw new LcomsError('LCOMS_E_USAGE', `--state is "${given}"; the states are ${runStateSchema.options.join(', ')}`);
}

function namePattern(given: string): RegExp {
  const parts = given.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90m`, `12h`, `7d`, `2w` in milliseconds; null for anything else. */
function age(given: string): number | null {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(given) ?? [];
  return count === undefined ? null : 1000 * Number(count) * (UNITS[unit] as number);
}

/** Value of an option that is an age, in milliseconds. Throws LCOMS_E_USAGE. */
export function ageOption(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = age(given);
  if (value !== null) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; write an age: 90m, 12h, 7d, 2w`);
}

/** Milliseconds since the epoch. */
function instant(given: string, now: number): number {
  const ago = age(given);
  if (ago !== null) return now - ago;
  const date = /^\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$/.test(given)
    ? Date.parse(given.length > 10 && !given.endsWith('Z') ? `${given}Z` : given)
    : Number.NaN;
  if (!Number.isNaN(date)) return date;
  throw new LcomsError(
    'LCOMS_E_USAGE',
    `--since is "${given}"; write how long ago (90m, 12h, 7d, 2w) or a UTC date (2026-01-31, 2026-01-31T12:00)`,
  );
}
