// The virtual environment of the benchmark's Python side, in the tool cache; run by the benchmark, never by the tests.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writableRoot } from '../../infra/setup/tool-cache.mjs';

/** Path of a Python that has what requirements.txt pins; makes it on the first call (PyTorch: some gigabytes). */
export async function pythonPath() {
  const requirements = new URL('requirements.txt', import.meta.url).pathname;
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = path.join(writableRoot(), `bench-python-${digest}`);
  const python = path.join(folder, 'bin', 'python');
  // Written last: an environment that was cut off is made again.
  const done = path.join(folder, 'complete');
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    run('python3', ['-m', 'venv', '--clear', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
    writeFileSync(done, '');
  }
  return python;
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await pythonPath());
