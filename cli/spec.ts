import { existsSync, statSync } from 'node:fs';
import type { ArgsDef } from 'citty';
import { type LoadedSpec, loadSpec } from '../activities/dag/load-spec.js';
import { isSweepFile, type LoadedSweep, loadSweep } from '../activities/sweep/load-sweep.js';
import { LcomsError } from '../schemas/errors.js';
import { environmentSeed } from './option-values.js';

/** Options of every verb that reads a spec. */
export const SPEC_OPTIONS = {
  data: {
    type: 'string',
    valueHint: 'FILE',
    description: 'crystals to train on, instead of the data of the spec: .csv or .jsonl, .gz too',
  },
  set: {
    type: 'string',
    valueHint: 'PATH=VALUE',
    description: 'change a value of the spec, e.g. surrogate.with.tau=0.5; repeatable',
  },
} as const satisfies ArgsDef;

/** The spec with what the command line and LCOMS_SEED change in it; the command line has the last word. */
export function readSpec(
  file: string,
  data: string | undefined,
  sets: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): LoadedSpec {
  if (!existsSync(file)) {
    throw new LcomsError('LCOMS_E_FILE', 'there is no such experiment', {
      file,
      hint: 'Give the path of a spec, e.g. experiments/quickstart.yaml.',
    });
  }
  if (isSweepFile(file)) {
    throw new LcomsError('LCOMS_E_SPEC', 'this is a sweep, not an experiment', { file, hint: `lcoms sweep ${file}` });
  }
  return loadSpec(file, [...seedOverride(env), ...dataOverride(data), ...sets]);
}

/** The sweep, with what the command line and LCOMS_SEED change in it and its experiment. */
export function readSweep(
  file: string,
  data: string | undefined,
  sets: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): LoadedSweep {
  if (!existsSync(file)) throw new LcomsError('LCOMS_E_FILE', 'there is no such sweep', { file });
  const seed = environmentSeed(env);
  const changes = { ...(data === undefined ? {} : { data: dataSlot(data) }), ...(seed === undefined ? {} : { seed }) };
  return loadSweep(file, sets, changes);
}

function seedOverride(env: NodeJS.ProcessEnv): string[] {
  const seed = environmentSeed(env);
  return seed === undefined ? [] : [`seed=${seed}`];
}

function dataOverride(file: string | undefined): string[] {
  return file === undefined ? [] : [`data=${JSON.stringify(dataSlot(file))}`];
}

function dataSlot(file: string): { use: string; with: { file: string } } {
  if (!existsSync(file)) throw new LcomsError('LCOMS_E_FILE', 'there is no such file (given with --data)', { file });
  if (!statSync(file).isFile())
    throw new LcomsError('LCOMS_E_FILE', 'this is not a file (given with --data)', { file });
  const use = /\.csv(\.gz)?$/i.test(file) ? 'dataset/cdvae-csv' : 'dataset/jsonl';
  return { use, with: { file } };
}
