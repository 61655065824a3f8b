// The virtual environments of the benchmarks' Python side, in the tool cache; run by the benchmarks, never by the tests.
import { fileURLToPath } from 'node:url';
import { ensureVenv } from '../../infra/setup/venv.mjs';

/**
 * Path of a Python that has what a requirements file pins (beside this file, or a URL); makes it on the
 * first call (PyTorch: some gigabytes).
 */
export function pythonPath(requirements = 'requirements.txt') {
  return ensureVenv('bench-python', fileURLToPath(new URL(requirements, import.meta.url)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await pythonPath());
