import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { LcomsError } from '../../schemas/errors.js';
import type { NodeResult, NodeTask, Progress } from '../../schemas/node.js';
import { type FromCompute, Paused, type RemoteError, type ToCompute } from './protocol.js';

/** Time that a cancelled job has to write what it holds before its process is killed; milliseconds. */
const CANCEL_GRACE = 800;
/** Characters of stderr that an error of a dead process quotes. */
const STDERR_TAIL = 2000;

/** Thrown by `run` for an error of the job itself: the process is fine. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
  constructor(readonly remote: RemoteError) {
    super(remote.record.message);
  }
}

export interface ChildOptions {
  /** Compiled activities/compute/process.js. */
  entry: string;
  /** Module that exports executeNode. */
  executor: string;
  env: NodeJS.ProcessEnv;
  /** Scheduling priority, 0 to 19, as of nice(1). */
  nice: number;
}

export interface JobHooks {
  /** Asks the job to write a checkpoint and end, when aborted. Default: never. */
  pause?: AbortSignal;
  /** Told first: the process that runs the job. */
  onProcess?(pid: number | undefined): void;
  /** Every sign of life; null when the process has just started. */
  onAlive(progress: Progress | null): void;
  /** Output of the process while it runs the job. */
  onOutput(text: string): void;
}

/** One forked compute process. */
export class ComputeChild {
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;
  #ready = false;
  #alive = true;
  #stderr = '';
  #job: { hooks: JobHooks; settle(message: FromCompute): void } | null = null;
  /** Jobs done. */
  jobs = 0;
  /** Resident memory after the newest job, MiB. */
  memoryMB = 0;

  constructor({ entry, executor, env, nice }: ChildOptions) {
    this.#process = fork(entry, [executor], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
    if (this.#process.pid !== undefined && nice > 0) {
      try {
        setPriority(this.#process.pid, nice);
      } catch {
        // Only a courtesy to the rest of the machine.
      }
    }
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(`could not be started: ${error.message}`));
      // 'exit' can come before the last of stderr has been read, and 'close' never while a grandchild holds the pipe.
      this.#process.once('exit', (code, signal) => {
        this.#alive = false;
        const reason = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
        this.#process.once('close', () => resolve(reason));
        setTimeout(() => resolve(reason), 200).unref();
      });
    });
    void this.#ended.then(() => {
      this.#alive = false;
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => this.#job?.hooks.onOutput(text));
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
      this.#job?.hooks.onOutput(text);
    });
    this.#process.on('message', (message: FromCompute) => this.#receive(message));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get alive(): boolean {
    return this.#alive && this.#process.connected;
  }

  /**
   * Runs one job. Throws JobFailed for its error, LCOMS_E_COMPUTE_DIED when the process ends instead of answering
   * (naming signal or exit code and the end of stderr), Paused when it has ended for `hooks.pause`, and `signal.reason`
   * after an abort, when the process is gone.
   */
  async run(task: NodeTask, attempt: number, signal: AbortSignal, hooks: JobHooks): Promise<NodeResult> {
    this.#stderr = '';
    hooks.onProcess?.(this.#process.pid);
    const answer = new Promise<FromCompute>((settle) => {
      this.#job = { hooks, settle };
    });
    if (this.#ready) hooks.onAlive(null);
    this.#send({ type: 'job', task, attempt });
    const aborted = whenAborted(signal);
    const askToPause = (): void => this.#send({ type: 'pause' });
    if (hooks.pause?.aborted) askToPause();
    else hooks.pause?.addEventListener('abort', askToPause, { once: true });
    try {
      const first = await Promise.race([answer, this.#ended, aborted.promise]);
      if (signal.aborted) {
        await this.#cancel(answer);
        throw signal.reason;
      }
      if (first === undefined || typeof first === 'string') throw this.#died(task, first ?? 'ended');
      this.jobs += 1;
      if (first.type === 'paused') throw new Paused();
      if (first.type === 'error') throw new JobFailed(first.error);
      if (first.type !== 'result') throw new Error(`unexpected answer ${first.type}`);
      return first.result;
    } finally {
      aborted.stop();
      hooks.pause?.removeEventListener('abort', askToPause);
      this.#job = null;
    }
  }

  /** Ends the process at once; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#alive) this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async #cancel(answer: Promise<unknown>): Promise<void> {
    this.#send({ type: 'cancel' });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, CANCEL_GRACE);
    });
    await Promise.race([answer, this.#ended, patience]);
    clearTimeout(timer);
    await this.kill();
  }

  #send(message: ToCompute): void {
    // A process that is gone is seen by its exit, not by what can't be sent to it.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #receive(message: FromCompute): void {
    if (message.type === 'ready') {
      this.#ready = true;
      this.#job?.hooks.onAlive(null);
    } else if (message.type === 'tick') this.#job?.hooks.onAlive(message.progress);
    else if (message.type === 'log') this.#job?.hooks.onOutput(message.line);
    else {
      if ('memoryMB' in message) this.memoryMB = message.memoryMB;
      this.#job?.settle(message);
    }
  }

  #died(task: NodeTask, reason: string): LcomsError {
    const tail = this.#stderr.trim();
    const memory = reason.includes('SIGKILL') ? ' (out of memory, or killed from outside)' : '';
    return new LcomsError(
      'LCOMS_E_COMPUTE_DIED',
      `the compute process of node ${task.nodeId} ${reason}${memory}${tail === '' ? '' : `; the end of its stderr:\n${tail}`}`,
    );
  }
}

function whenAborted(signal: AbortSignal): { promise: Promise<undefined>; stop(): void } {
  let onAbort: () => void = () => undefined;
  const promise = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return { promise, stop: () => signal.removeEventListener('abort', onAbort) };
}
