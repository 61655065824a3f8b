import type { NodeResult, NodeTask } from '../../schemas/node.js';
import { type ChildOptions, ComputeChild, JobFailed, type JobHooks } from './child.js';

export interface PoolOptions extends ChildOptions {
  /** Jobs after which a process is replaced, against slow leaks. Default 500. */
  maximumJobs?: number;
  /** Resident memory after a job above which a process is replaced, MiB. Default 3,000. */
  maximumMemoryMB?: number;
  /** Idle time after which a process is ended, milliseconds. Default 120,000. */
  idle?: number;
}

/**
 * Compute processes of one task queue. A process is kept warm between jobs, because loading tensors and models costs a
 * second, and replaced after a crash or a cancel, or when it has grown old or fat. There are as many as jobs at once.
 */
export class ComputePool {
  readonly #options: Required<PoolOptions>;
  readonly #idle = new Map<ComputeChild, NodeJS.Timeout>();
  readonly #busy = new Set<ComputeChild>();

  constructor(options: PoolOptions) {
    this.#options = { maximumJobs: 500, maximumMemoryMB: 3_000, idle: 120_000, ...options };
  }

  /** Runs one job in a process of its own; see ComputeChild.run for what it throws. */
  async run(task: NodeTask, attempt: number, signal: AbortSignal, hooks: JobHooks): Promise<NodeResult> {
    signal.throwIfAborted();
    const child = this.#take();
    this.#busy.add(child);
    let sound = false;
    try {
      const result = await child.run(task, attempt, signal, hooks);
      sound = true;
      return result;
    } catch (error) {
      sound = error instanceof JobFailed;
      throw error;
    } finally {
      this.#busy.delete(child);
      if (sound && this.#worthKeeping(child)) this.#keep(child);
      else await child.kill();
    }
  }

  /** Process ids, busy ones first. */
  pids(): number[] {
    return [...this.#busy, ...this.#idle.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Ends every process, busy ones as well; resolves when they are gone. */
  async close(): Promise<void> {
    const children = [...this.#busy, ...this.#idle.keys()];
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    await Promise.all(children.map((child) => child.kill()));
  }

  #take(): ComputeChild {
    for (const [child, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(child);
      if (child.alive) return child;
    }
    return new ComputeChild(this.#options);
  }

  #worthKeeping(child: ComputeChild): boolean {
    return child.alive && child.jobs < this.#options.maximumJobs && child.memoryMB < this.#options.maximumMemoryMB;
  }

  #keep(child: ComputeChild): void {
    const timer = setTimeout(() => {
      this.#idle.delete(child);
      void child.kill();
    }, this.#options.idle);
    timer.unref();
    this.#idle.set(child, timer);
  }
}
