import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { distFolder } from '../infra/paths.js';
import { type ErrorCode, LcomsError } from '../schemas/errors.js';
import type { ScorerIdentity } from '../schemas/score.js';
import type { ScorerReply, ScorerRequest } from './scorer-process.js';
import type { ScorerTask, TaskResults } from './scorer-tasks.js';

/** Processes that score or relax, each with its own copy of the scorer. */
export class ScorerPool {
  readonly #idle: ChildProcess[];
  readonly #waiting: ((child: ChildProcess) => void)[] = [];

  private constructor(
    private readonly children: readonly ChildProcess[],
    readonly scorer: ScorerIdentity,
  ) {
    this.#idle = [...children];
  }

  /** @throws LcomsError what opening the scorer throws. */
  static async open(count: number, use: string | undefined, options: string | undefined): Promise<ScorerPool> {
    const children = Array.from({ length: count }, () =>
      // Structured clones, since JSON would make null of numbers that are none.
      fork(path.join(distFolder, 'cli', 'scorer-process.js'), {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        serialization: 'advanced',
      }),
    );
    try {
      const replies = await Promise.all(children.map((child) => ask(child, { type: 'open', use, options })));
      const [first] = replies;
      if (first?.type !== 'opened') throw new LcomsError('LCOMS_E_INTERNAL', 'a scoring process did not open');
      return new ScorerPool(children, first.scorer);
    } catch (error) {
      for (const child of children) child.kill('SIGKILL');
      throw error;
    }
  }

  /** One result a row, in order. Batches wait their turn. @throws LcomsError LCOMS_E_COMPUTE_DIED when the process ends. */
  async perform<T extends ScorerTask>(task: T): Promise<TaskResults[T['type']]> {
    const child = this.#idle.pop() ?? (await new Promise<ChildProcess>((resolve) => this.#waiting.push(resolve)));
    const reply = await ask(child, task);
    const next = this.#waiting.shift();
    if (next) next(child);
    else this.#idle.push(child);
    if (reply.type !== 'done') throw new LcomsError('LCOMS_E_INTERNAL', `a scoring process said ${reply.type}`);
    return reply.results as TaskResults[T['type']];
  }

  close(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }
}

/** Sends a request and waits for its reply. A process is asked one thing at a time. */
function ask(child: ChildProcess, request: ScorerRequest): Promise<Exclude<ScorerReply, { type: 'error' }>> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
    };
    const onMessage = (reply: ScorerReply): void => {
      settle();
      if (reply.type !== 'error') resolve(reply);
      else {
        const { code, message, hint } = reply.error;
        reject(new LcomsError(code as ErrorCode, message, hint === undefined ? {} : { hint }));
      }
    };
    const onExit = (code: number | null, signal: string | null): void => {
      settle();
      reject(died(signal ?? `exit code ${code}`));
    };
    const onError = (cause: Error): void => {
      settle();
      reject(died(cause.message));
    };
    child.on('message', onMessage).once('exit', onExit).once('error', onError);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.send(request, (error) => error && onError(error));
  });
}

function died(how: string): LcomsError {
  return new LcomsError('LCOMS_E_COMPUTE_DIED', `a scoring process ended with ${how}`, {
    hint: 'Give the command again, with fewer --jobs if memory ran out; `lcoms data score` and `data perturb` go on where they stopped.',
  });
}
