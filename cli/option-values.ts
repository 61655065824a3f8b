import { parse } from 'yaml';
import { LcomsError } from '../schemas/errors.js';

/** Value of an option that is a number above 0; `fallback` when it was not given. Throws LCOMS_E_USAGE. */
export function positiveNumber(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a number above 0`);
}

/** Value of an option that is a number, of a range if one is given. Throws LCOMS_E_USAGE. */
export function anyNumber(
  option: string,
  given: string | undefined,
  fallback: number,
  least = Number.NEGATIVE_INFINITY,
): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  const from = Number.isFinite(least) ? ` from ${least}` : '';
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a number${from}`);
}

/** Value of an option that is a whole number from `least`; `fallback` when it was not given. Throws LCOMS_E_USAGE. */
export function wholeNumber(option: string, given: string | undefined, fallback: number, least: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (/^\d{1,9}$/.test(given) && value >= least) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a whole number from ${least}`);
}

/** One of the names listed; `fallback` when it was not given. Throws LCOMS_E_USAGE. */
export function oneOf<T extends string>(
  option: string,
  given: string | undefined,
  names: readonly T[],
  fallback: T,
): T {
  if (given === undefined) return fallback;
  const name = names.find((known) => known === given);
  if (name !== undefined) return name;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be ${names.join(' or ')}`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Value of an option that is a length of time, in seconds: `90`, `90s`, `10m`, `1.5h`. Throws LCOMS_E_USAGE. */
export function seconds(option: string, given: string): number {
  const [, amount = '', unit = 's'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(given.trim()) ?? [];
  const value = Number(amount) * (UNITS[unit] ?? 1);
  if (amount !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a time above 0, e.g. 60s, 10m or 1h`);
}

/** The seed that LCOMS_SEED names; undefined when it is not set. Throws LCOMS_E_USAGE. */
export function environmentSeed(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const seed = env['LCOMS_SEED'];
  if (!seed) return undefined;
  if (/^\d{1,15}$/.test(seed)) return Number(seed);
  throw new LcomsError('LCOMS_E_USAGE', `LCOMS_SEED is "${seed}"; a seed is a whole number from 0`, {
    hint: 'Set LCOMS_SEED to a number, e.g. LCOMS_SEED=7, or unset it.',
  });
}

/** Value of --seed, else of LCOMS_SEED, else 0. Throws LCOMS_E_USAGE. */
export function seedOption(given: string | undefined, env: NodeJS.ProcessEnv = process.env): number {
  return given === undefined ? (environmentSeed(env) ?? 0) : wholeNumber('seed', given, 0, 0);
}

/** Options of a plugin, given as YAML; undefined when they were not given. Throws LCOMS_E_USAGE. */
export function pluginOptions(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    value = null;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LcomsError('LCOMS_E_USAGE', `--with ${text}: write options as YAML, e.g. --with '{epochs: 2}'`);
}
