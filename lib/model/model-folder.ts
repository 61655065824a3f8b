import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LcomsError } from '../../schemas/errors.js';
import { type ModelInfo, modelInfoSchema } from '../../schemas/model.js';
import { sha256 } from '../hashing/sha256.js';
import type { ModelFiles } from './model-files.js';

/** The file that makes a folder a model. */
export const MODEL_INFO = 'model.json';

/**
 * A model from its folder, every file checked against its digest.
 * @throws LcomsError LCOMS_E_FILE when there is no model.json, LCOMS_E_ARTIFACT_CORRUPT naming the file that is not what
 *   model.json says
 */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
  const file = path.join(folder, MODEL_INFO);
  const info = await readInfo(file);
  const bytes = new Map<string, Uint8Array>();
  for (const { name, bytes: size, sha256: digest } of info.files) {
    const place = path.join(folder, name);
    const found = await readFile(place).catch((cause: unknown) => {
      throw corrupt(place, `${MODEL_INFO} names it and it cannot be read (${(cause as NodeJS.ErrnoException).code})`);
    });
    if (found.length !== size) throw corrupt(place, `it has ${found.length} bytes, ${MODEL_INFO} says ${size}`);
    const own = sha256(found);
    if (own !== digest) throw corrupt(place, `its sha256 is ${own}, ${MODEL_INFO} says ${digest}`);
    bytes.set(name, found);
  }
  return { info, bytes };
}

async function readInfo(file: string): Promise<ModelInfo> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new LcomsError('LCOMS_E_FILE', `the folder is no model: it has no ${MODEL_INFO} that can be read`, {
      file,
      cause,
      hint: '`lcoms model export RUN --out DIR` writes such a folder.',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt(file, 'it is not JSON');
  }
  const parsed = modelInfoSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', `it is not the description of a model: ${issue?.message ?? ''}`, {
    file,
    ...(issue && issue.path.length > 0 ? { path: issue.path.join('.') } : {}),
    hint: HINT,
  });
}

const HINT = 'Export or install the model again: nothing that differs from its description is read.';

function corrupt(file: string, what: string): LcomsError {
  return new LcomsError('LCOMS_E_ARTIFACT_CORRUPT', what, { file, hint: HINT });
}

/**
 * Writes a model as a folder: all of it or nothing.
 * @param replace whether an earlier model there may be replaced; anything else never is
 * @throws LcomsError LCOMS_E_FILE when the folder is taken or can't be written
 */
export async function writeModelFolder(folder: string, { info, bytes }: ModelFiles, replace: boolean): Promise<void> {
  assertFree(folder, replace);
  const temporary = `${path.resolve(folder)}.${process.pid}.partial`;
  const old = `${path.resolve(folder)}.${process.pid}.old`;
  try {
    await mkdir(temporary, { recursive: true });
    for (const { name } of info.files) await writeFile(path.join(temporary, name), bytes.get(name) as Uint8Array);
    await writeFile(path.join(temporary, MODEL_INFO), `${JSON.stringify(modelInfoSchema.parse(info), null, 2)}\n`);
    if (existsSync(folder)) await rename(folder, old);
    await rename(temporary, folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new LcomsError('LCOMS_E_FILE', `the model cannot be written there (${code})`, { file: folder, cause });
  } finally {
    // What could not be made needs no cleaning up, and its own error is the one to tell.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (existsSync(folder)) await rm(old, { recursive: true, force: true });
    else if (existsSync(old)) await rename(old, folder);
  }
}

function assertFree(folder: string, replace: boolean): void {
  if (!existsSync(folder)) return;
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    throw new LcomsError('LCOMS_E_FILE', 'a model is a folder, this is a file', { file: folder });
  }
  if (entries.length === 0) return;
  if (!entries.includes(MODEL_INFO)) {
    throw new LcomsError('LCOMS_E_FILE', 'the folder holds something else than a model', {
      file: folder,
      hint: 'Give --out a new or empty folder.',
    });
  }
  if (!replace) {
    throw new LcomsError('LCOMS_E_FILE', 'there is a model in it already', {
      file: folder,
      hint: 'Give --out another folder, or --force to replace it.',
    });
  }
}
