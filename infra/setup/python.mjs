// The Python environment of infra/python (scorer/ase): made on demand only, since no default path needs it.
import { fileURLToPath } from 'node:url';
import { say } from './steps.mjs';
import { ensureVenv, findVenv } from './venv.mjs';

const NAME = 'scoring-python';
const REQUIREMENTS = fileURLToPath(new URL('../python/requirements.txt', import.meta.url));

/** Its Python, or null when it was not made. Reads only. */
export const findScoringPython = (env = process.env) => findVenv(NAME, REQUIREMENTS, env);

/** Its Python; makes it when it is not there (some 100 MB of wheels). */
export async function ensureScoringPython({ force = false } = {}) {
  const found = force ? null : findScoringPython();
  if (found) return found;
  say('making the Python environment of calculators (ase, numpy, temporalio: 100 MB, once per machine)');
  const mend = 'install python3 (3.11 or newer) with venv and pip, then: npm run setup -- --python';
  return ensureVenv(NAME, REQUIREMENTS, { force, mend });
}
