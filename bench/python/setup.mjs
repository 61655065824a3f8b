// Virtual environments of the benchmarks' Python sides, in the tool cache; made by benchmarks, never by the tests.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findCached, makeEntry } from '../../infra/setup/tool-cache.mjs';

/**
 * Path of a Python that has what a requirements file beside this one pins; makes it on the first call (PyTorch, of
 * requirements.txt: some gigabytes). Several processes may ask at once: each sees a whole environment or none.
 */
export async function pythonPath(requirements = 'requirements.txt') {
  const file = new URL(requirements, import.meta.url).pathname;
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const name = `bench-python-${digest}`;
  const python = path.join('bin', 'python');
  const found = findCached(name, python);
  if (found) return found;
  // An environment may be renamed: its Python finds its packages from where it lies.
  const folder = await makeEntry(name, (temporary) => {
    const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    run('python3', ['-m', 'venv', temporary]);
    run(path.join(temporary, python), ['-m', 'pip', 'install', '--quiet', '--requirement', file]);
  });
  return path.join(folder, python);
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await pythonPath(process.argv[2]));
