import { parse } from 'yaml';
import { LcomsError } from '../schemas/errors.js';

/** Value of an option that is a number above 0; `fallback` when it was not given. Throws LCOMS_E_USAGE. */
export function positiveNumber(option: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (given.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a number above 0`);
}

/** Value of an option that is a whole number from `least`; `fallback` when it was not given. Throws LCOMS_E_USAGE. */
export function wholeNumber(option: string, given: string | undefined, fallback: number, least: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (/^\d{1,9}$/.test(given) && value >= least) return value;
  throw new LcomsError('LCOMS_E_USAGE', `--${option} is "${given}"; it must be a whole number from ${least}`);
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
