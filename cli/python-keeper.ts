import { type PythonWorkerOptions, type SpawnedPythonWorker, spawnPythonWorker } from '../infra/worker/python.js';
import { LcomsError } from '../schemas/errors.js';
import type { Output } from './output.js';

/** Python workers that may die before `lcoms worker` gives up. */
const MAXIMUM_DEATHS = 20;

/** A Python worker, and another one whenever it dies: a calculator in compiled code may take its process along. */
export class PythonKeeper {
  readonly queue: string;
  readonly calculators: readonly string[];
  /** Resolves after `stop`; rejects when workers can't be kept alive. */
  readonly done: Promise<void>;
  #worker: SpawnedPythonWorker;
  #stopping = false;

  private constructor(
    worker: SpawnedPythonWorker,
    private readonly options: PythonWorkerOptions,
    private readonly output: Output,
  ) {
    this.#worker = worker;
    this.queue = worker.queue;
    this.calculators = worker.calculators;
    this.done = this.#keep();
    this.done.catch(() => undefined);
  }

  /** @throws as spawnPythonWorker */
  static async start(options: PythonWorkerOptions, output: Output): Promise<PythonKeeper> {
    return new PythonKeeper(await spawnPythonWorker(options), options, output);
  }

  /** Ends the worker after the structure under way, or five seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#worker.stop();
  }

  async #keep(): Promise<void> {
    for (let deaths = 1; ; deaths++) {
      const { code, signal } = await this.#worker.exited;
      if (this.#stopping) return;
      const how = signal ?? `exit code ${code}`;
      if (deaths > MAXIMUM_DEATHS) {
        throw new LcomsError('LCOMS_E_COMPUTE_DIED', `the Python worker died ${deaths} times, last with ${how}`);
      }
      this.output.warn(`the Python worker ended with ${how}; starting another one`);
      this.#worker = await spawnPythonWorker(this.options);
      if (this.#stopping) await this.#worker.stop();
    }
  }
}
