// Virtual environments of Python with pinned packages, in the tool cache: one a requirements file, made on the first call.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runStep } from './steps.mjs';
import { cacheRoots, writableRoot } from './tool-cache.mjs';

/** Name of the folder of an environment: `name` and the start of the digest of its requirements. */
function venvName(name, requirements) {
  return `${name}-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)}`;
}

/** The Python of a finished environment, or null. Reads only. */
export function findVenv(name, requirements, env = process.env) {
  for (const root of cacheRoots(env)) {
    const folder = path.join(root, venvName(name, requirements));
    if (existsSync(path.join(folder, 'complete'))) return path.join(folder, 'bin', 'python');
  }
  return null;
}

/**
 * The Python of the environment with the packages that the file `requirements` pins; makes it when it is not there.
 * Throws a SetupProblem when python3 is missing or pip can't have a package.
 */
export async function ensureVenv(name, requirements, { force = false, mend = undefined } = {}) {
  const found = force ? null : findVenv(name, requirements);
  if (found) return found;
  const folder = path.join(writableRoot(), venvName(name, requirements));
  const python = path.join(folder, 'bin', 'python');
  mkdirSync(folder, { recursive: true });
  const options = mend === undefined ? {} : { mend };
  // An environment knows its own place, so it can't be renamed: the mark of a whole one is written last.
  await runStep('python3', ['-m', 'venv', '--clear', folder], { ...options, label: 'python3 -m venv' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  await runStep(python, install, { ...options, label: `installing ${path.basename(requirements)}`, watch: folder });
  writeFileSync(path.join(folder, 'complete'), '');
  return python;
}
