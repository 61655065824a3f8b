import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { distFolder, logsFolder } from '../infra/paths.js';
import { LcomsError } from '../schemas/errors.js';
import type { RunPlan } from '../schemas/run.js';
import { startWorkflow } from './carry-run.js';
import type { Output } from './output.js';
import type { Session } from './session.js';
import type { Workplace } from './workplace.js';

/** Starts the run, and `lcoms resume` as a process of its own that brings it to its end. Returns the exit code. */
export async function detach(
  workplace: Workplace,
  session: Session,
  plan: RunPlan,
  outDir: string,
  output: Output,
): Promise<number> {
  await session.setAsideOthers(plan.runId);
  await startWorkflow(session, plan, false);
  const log = await spawnResume(workplace.home, plan.runId);
  if (output.json) output.document({ runId: plan.runId, state: 'running', outDir, files: {}, metrics: {}, log });
  else {
    output.say(`${plan.runId} goes on in the background.`);
    output.say(
      `  lcoms show ${plan.runId}    how it stands\n  lcoms resume ${plan.runId}  watch it to its end\n  ${log}`,
    );
  }
  return 0;
}

/** A process that goes on with a run or a sweep; returns the file of its output. */
export async function spawnResume(home: string, runId: string): Promise<string> {
  const log = path.join(logsFolder(home), 'runs', `${runId}.detached.log`);
  mkdirSync(path.dirname(log), { recursive: true });
  const fd = openSync(log, 'a');
  const child = spawn(process.execPath, [path.join(distFolder, 'cli', 'main.js'), 'resume', runId], {
    stdio: ['ignore', fd, fd, 'ipc'],
    detached: true,
  });
  closeSync(fd);
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', (code) => {
      const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-8).join('\n');
      reject(
        new LcomsError('LCOMS_E_RUN_FAILED', `the background process ended with exit code ${code}:\n${tail}`, {
          file: log,
        }),
      );
    });
  });
  child.disconnect();
  child.unref();
  return log;
}
