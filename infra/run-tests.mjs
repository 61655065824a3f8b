// Runs vitest and ends with one plain line of the real counts.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const vitest = path.join(path.dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-test-'));
const report = path.join(folder, 'results.json');
const child = spawn(
  process.execPath,
  [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  let counts = null;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.error('vitest wrote no results');
  }
  rmSync(folder, { recursive: true, force: true });
  if (counts) {
    const skipped = counts.numPendingTests + counts.numTodoTests;
    // A file that fails to load runs no test: it counts as a failure.
    const broken = counts.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
    console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests + broken} failed, ${skipped} skipped`);
  }
  process.exit(code ?? 1);
});
