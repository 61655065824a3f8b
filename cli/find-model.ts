import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listRunIds } from '../activities/run-files.js';
import { type ModelFiles, modelFile } from '../lib/model/model-files.js';
import { MODEL_INFO, readModelFolder } from '../lib/model/model-folder.js';
import { packagedFile } from '../lib/package-root.js';
import { readSafetensors } from '../lib/tensor/safetensors.js';
import { LcomsError } from '../schemas/errors.js';
import type { ModelInfo } from '../schemas/model.js';
import { matchingRuns } from './run-id.js';
import { hasModel, modelOfRun } from './run-model.js';
import { didYouMean } from './usage.js';
import { openWorkplace, type Workplace } from './workplace.js';

/** Name of the model that comes with lcoms, and its folder in the package. */
export const SHIPPED_MODEL = 'shipped';
const SHIPPED_FOLDER = 'plugins/encoders/cdvae/shipped';

/** Newest runs that a message names. */
const RUNS_NAMED = 5;

export interface FoundModel extends ModelFiles {
  source: { kind: 'shipped' | 'folder' | 'run' | 'file'; place: string };
}

/**
 * The model that `where` names, digests verified, nothing loaded: `shipped` (also when undefined), a folder with a
 * model.json, a file of encoder/cdvae's weights, or a run of this home.
 * @throws LcomsError LCOMS_E_NOT_FOUND or LCOMS_E_FILE saying which models there are, LCOMS_E_ARTIFACT_CORRUPT naming the
 *   file that is damaged
 */
export async function findModel(where: string | undefined, workplace = openWorkplace()): Promise<FoundModel> {
  if (where === undefined || where === SHIPPED_MODEL) {
    const place = packagedFile(SHIPPED_FOLDER);
    if (!existsSync(path.join(place, MODEL_INFO))) {
      throw new LcomsError('LCOMS_E_NOT_FOUND', `no model ships with this lcoms. ${await runsWithModels(workplace)}`, {
        hint: HINT,
      });
    }
    return { ...(await readModelFolder(place)), source: { kind: 'shipped', place } };
  }
  if (existsSync(where)) {
    const place = path.resolve(where);
    if (statSync(where).isDirectory()) return { ...(await readModelFolder(where)), source: { kind: 'folder', place } };
    return { ...(await readWeightsFile(where)), source: { kind: 'file', place } };
  }
  const [run, ...others] = await matchingRuns(workplace.store.store, where);
  if (run !== undefined && others.length === 0) {
    return { ...(await modelOfRun(workplace, run)), source: { kind: 'run', place: run } };
  }
  const ids = await listRunIds(workplace.store.store);
  throw new LcomsError(
    'LCOMS_E_NOT_FOUND',
    `there is no model "${where}": no folder, no file and no run of that name.${didYouMean(where, [SHIPPED_MODEL, ...ids])} ` +
      (await runsWithModels(workplace)),
    { hint: HINT },
  );
}

const HINT =
  'A model is a run with a trained encoder (`lcoms ls`), a folder that `lcoms model export` wrote, a file cdvae.safetensors, ' +
  `or \`${SHIPPED_MODEL}\`.`;

/** What else there is, in words. */
async function runsWithModels(workplace: Workplace): Promise<string> {
  const shipped = existsSync(packagedFile(path.join(SHIPPED_FOLDER, MODEL_INFO))) ? [SHIPPED_MODEL] : [];
  const runs: string[] = [];
  for (const id of (await listRunIds(workplace.store.store)).sort().reverse()) {
    if (runs.length === RUNS_NAMED) break;
    if (await hasModel(workplace, id)) runs.push(id);
  }
  const known = [...shipped, ...runs];
  return known.length === 0
    ? `Runs with a trained encoder in ${workplace.store.store.describe()}: none.`
    : `Known here: ${known.join(', ')}.`;
}

/** A file of encoder/cdvae alone: an encoder without surrogate and reference. */
async function readWeightsFile(file: string): Promise<ModelFiles> {
  const { cdvae } = await import('../plugins/encoders/cdvae/index.js');
  const { MODEL_BLOB } = await import('../plugins/encoders/cdvae/model-file.js');
  if (!file.endsWith('.safetensors')) {
    throw new LcomsError('LCOMS_E_FILE', 'a model is a folder, or a .safetensors file of encoder/cdvae', { file });
  }
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new LcomsError('LCOMS_E_FILE', `cannot be read (${(cause as NodeJS.ErrnoException).code})`, { file, cause });
  });
  const { metadata } = readSafetensors(bytes, file);
  const options = jsonOf(metadata['options']);
  if (options === null || !('preset' in options)) {
    throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', 'it does not say that it is a model of encoder/cdvae', {
      file,
      hint: 'Give the cdvae.safetensors of a trained encoder, or the folder that it lies in.',
    });
  }
  // Only the paper preset's files say what they were trained on.
  const seen = jsonOf(metadata['seen']);
  const info: ModelInfo = {
    apiVersion: 1,
    name: path.basename(file, '.safetensors'),
    encoder: { use: `encoder/cdvae@${cdvae.version}`, with: { ...options } },
    surrogate: null,
    energyTarget: null,
    data: { provenance: `unknown: only the weights ${path.basename(file)} are given`, scorer: null, crystals: null },
    trained: seen as ModelInfo['trained'],
    seed: null,
    backend: null,
    lcoms: null,
    files: [modelFile(MODEL_BLOB, 'encoder', bytes)],
  };
  return { info, bytes: new Map([[MODEL_BLOB, bytes]]) };
}

function jsonOf(text: string | undefined): object | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
