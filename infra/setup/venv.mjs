// Virtual environments of Python with pinned packages, in the tool cache: one a requirements file, made on the first call.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runStep } from './steps.mjs';
import { findCached, makeEntry } from './tool-cache.mjs';

const PYTHON = path.join('bin', 'python');

/** Name of the folder of an environment: `name` and the start of the digest of its requirements. */
function venvName(name, requirements) {
  return `${name}-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)}`;
}

/** The Python of a finished environment, or null. Reads only. */
export const findVenv = (name, requirements, env = process.env) =>
  findCached(venvName(name, requirements), PYTHON, env);

/**
 * The Python of the environment with the packages that the file `requirements` pins; makes it when it is not there.
 * Several processes may ask at once: each sees a whole environment or none. Throws a SetupProblem when python3 is missing
 * or pip can't have a package.
 */
export async function ensureVenv(name, requirements, { force = false, mend = undefined } = {}) {
  const found = force ? null : findVenv(name, requirements);
  if (found) return found;
  const options = mend === undefined ? {} : { mend };
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  // It may be renamed: a Python finds its packages from where it lies. Only the scripts beside it would not start.
  const fill = async (folder) => {
    await runStep('python3', ['-m', 'venv', '--clear', folder], { ...options, label: 'python3 -m venv' });
    const label = `installing ${path.basename(requirements)}`;
    await runStep(path.join(folder, PYTHON), install, { ...options, label, watch: folder });
  };
  return path.join(await makeEntry(venvName(name, requirements), fill, { replace: force }), PYTHON);
}
