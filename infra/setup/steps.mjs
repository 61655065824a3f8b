// Runs the child processes of set-up: output kept for the error line, progress shown when a step takes long.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** One line to the terminal. Standard error, so that `--json` callers of npm scripts keep a clean standard output. */
export const say = (line) => process.stderr.write(`[setup] ${line}\n`);

/** A problem with its way out: thrown by steps, printed as one line by main. */
export class SetupProblem extends Error {
  constructor(message, mend) {
    super(message);
    this.mend = mend;
  }
}

/**
 * Runs a command to its end. Rejects with a SetupProblem carrying the last lines of its output, or naming the command
 * when it is not installed. `watch` is a folder whose size is shown every ten seconds while the command runs.
 * @returns the standard output
 */
export function runStep(
  command,
  args,
  { env = process.env, watch, label = command, mend = 'npm run setup -- --force' } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const begun = Date.now();
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-4000)));
    const ticker = setInterval(() => {
      const size = watch ? `${Math.round(folderBytes(watch) / 1e6)} MB, ` : '';
      say(`... ${label}: ${size}${Math.round((Date.now() - begun) / 1000)} s`);
    }, 10_000);
    child.on('error', (error) => {
      clearInterval(ticker);
      const missing = error.code === 'ENOENT';
      reject(new SetupProblem(missing ? `${command} was not found` : error.message, mend));
    });
    child.on('close', (code, signal) => {
      clearInterval(ticker);
      if (code === 0) return resolve(out);
      const reason = err.trim().split('\n').filter(Boolean).slice(-2).join(' / ').slice(-300);
      reject(new SetupProblem(`${label} failed (${signal ?? `exit ${code}`})${reason ? `: ${reason}` : ''}`, mend));
    });
  });
}

/** Total size of the files in a folder; files that vanish meanwhile count as nothing. */
export function folderBytes(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      bytes += entry.isDirectory() ? folderBytes(file) : statSync(file).size;
    }
  } catch {
    return bytes;
  }
  return bytes;
}
