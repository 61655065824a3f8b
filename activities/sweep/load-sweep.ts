import { parse } from 'yaml';
import { hashJson } from '../../lib/hashing/sha256.js';
import { LcomsError } from '../../schemas/errors.js';
import { type ResolvedSweep, type SweepPlan, sweepSpecSchema } from '../../schemas/sweep.js';
import { besideSpec } from '../dag/beside-spec.js';
import { parseAs, readText } from '../dag/load-spec.js';
import { withValue } from './place.js';

export interface LoadedSweep {
  spec: ResolvedSweep;
  /** As given on the command line, for messages. */
  file: string;
  /** File of the experiment: what it names is looked for beside it. */
  baseFile: string;
}

/** What a command line changes in the experiment of a sweep. */
export interface BaseChanges {
  data?: unknown;
  seed?: number;
}

/** Whether a file is a sweep; false for one that can't be read or is no YAML: whoever reads it as an experiment says so. */
export function isSweepFile(file: string): boolean {
  try {
    return (parse(readText(file)) as { kind?: unknown } | null)?.kind === 'sweep';
  } catch {
    return false;
  }
}

/**
 * Reads and checks a sweep and the experiment that it names.
 * @throws LcomsError as `loadSpec`; LCOMS_E_FILE for an experiment outside of the sweep's folder
 */
export function loadSweep(file: string, overrides: readonly string[] = [], changes: BaseChanges = {}): LoadedSweep {
  const { base: given, ...rest } = parseAs(sweepSpecSchema, readText(file), file, overrides);
  const baseFile =
    typeof given === 'string' ? besideSpec(file, given, { what: 'experiment', of: 'sweep', path: 'base' }) : file;
  let base = typeof given === 'string' ? mapping(baseFile) : given;
  // Said once, for the sweep.
  base = { apiVersion: 1, name: rest.name, ...base };
  if (changes.data !== undefined) base = withValue(base, 'data', changes.data, file);
  if (changes.seed !== undefined) base = withValue(base, 'seed', changes.seed, file);
  return { spec: { ...rest, base }, file, baseFile };
}

function mapping(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(readText(file));
  } catch (error) {
    if (error instanceof LcomsError) throw error;
    throw new LcomsError('LCOMS_E_SPEC', `not valid YAML: ${String((error as Error).message).split('\n')[0]}`, {
      file,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LcomsError('LCOMS_E_SPEC', 'the experiment must be a mapping with apiVersion and name', { file });
}

/** Hash of all that the trials of a sweep depend on: not how many run at a time, when it stops, or what it is for. */
export function sweepHash(spec: ResolvedSweep, files: SweepPlan['files']): string {
  const { axes, points, search, seeds, objective, prune } = spec;
  const { description: _, ...base } = spec.base;
  const digests = Object.fromEntries(Object.entries(files).map(([name, { digest }]) => [name, digest]));
  return hashJson({ base, axes, points, search, seeds, objective, prune, files: digests });
}

/** `<name>-<8 digits of the hash>` */
export function sweepIdOf(name: string, hash: string): string {
  return `${name}-${hash.slice(0, 8)}`;
}
