import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { distFolder } from '../infra/paths.js';
import type { SimulateSummary } from '../plugins/datasets/simulated/simulate.js';
import { type ErrorCode, LcomsError } from '../schemas/errors.js';
import type { ShardMessage, ShardTask } from './simulate-shard.js';

/**
 * Runs the shards of a simulation, a process each, until all are done. Throws the error of the first that fails, and
 * `signal.reason` after an abort; the other processes are ended then.
 */
export async function runShards(
  task: Omit<ShardTask, 'shard'>,
  count: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<SimulateSummary> {
  const progress = new Map<number, { done: number; total: number }>();
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const summaries = await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const child = fork(path.join(distFolder, 'cli', 'simulate-shard.js'), {
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
        children.push(child);
        return follow(child, { ...task, shard: { index, count } }, (done, total) => {
          progress.set(index, { done, total });
          const all = [...progress.values()];
          onProgress(
            all.reduce((sum, shard) => sum + shard.done, 0),
            all.reduce((sum, shard) => sum + shard.total, 0),
          );
        });
      }),
    );
    const whole = summaries.find((summary) => summary.written) ?? summaries[0];
    if (whole === undefined) throw new LcomsError('LCOMS_E_INTERNAL', 'no shard was run');
    return whole;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
  }
}

function follow(
  child: ChildProcess,
  task: ShardTask,
  onProgress: (done: number, total: number) => void,
): Promise<SimulateSummary> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: ShardMessage) => {
      if (message.type === 'progress') onProgress(message.done, message.total);
      else if (message.type === 'summary') resolve(message.summary);
      else {
        const { code, message: text, hint } = message.error;
        reject(new LcomsError(code as ErrorCode, text, hint === undefined ? {} : { hint }));
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(
        new LcomsError('LCOMS_E_COMPUTE_DIED', `a relaxing process ended with ${signal ?? `exit code ${code}`}`, {
          hint: 'Give the command again: it goes on where it stopped.',
        }),
      );
    });
    child.send(task);
  });
}
