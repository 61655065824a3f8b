import { RunClient } from '../infra/temporal/client.js';
import { connectTemporal, type TemporalConnection } from '../infra/temporal/embedded.js';
import { countUsers } from '../infra/temporal/users.js';
import { workerQueueSchema } from '../infra/worker/config.js';
import { type SpawnedWorker, spawnWorker } from '../infra/worker/spawn.js';
import { LcomsError } from '../schemas/errors.js';
import { trialOfId } from '../workflows/sweep-contract.js';
import type { Output } from './output.js';
import { patiently } from './patience.js';
import type { Workplace } from './workplace.js';

/** Workers that may die in one session before it gives up. */
const MAXIMUM_DEATHS = 5;

/** A server, a client and a worker of this process's own, for the runs of one store. */
export class Session {
  #worker: SpawnedWorker | null = null;
  #closing = false;
  #deaths = 0;
  #broken: (error: unknown) => void = () => undefined;
  /** Rejects when workers can't be kept alive. */
  readonly broken: Promise<never> = new Promise((_, reject) => {
    this.#broken = reject;
  });

  private constructor(
    private readonly workplace: Workplace,
    private readonly output: Output,
    readonly server: TemporalConnection,
    readonly client: RunClient,
  ) {
    this.broken.catch(() => undefined);
  }

  /** The server at TEMPORAL_ADDRESS, or the embedded one of the home. Throws LCOMS_E_TEMPORAL, LCOMS_E_TOOL_MISSING. */
  static async open(workplace: Workplace, output: Output): Promise<Session> {
    const ready = output.waiting('connecting to the Temporal server');
    const server = await connectTemporal({ home: workplace.home }).finally(ready);
    try {
      const { address, namespace } = server;
      const client = await patiently(output, server.embedded, () =>
        RunClient.connect({ address, namespace, prefix: workplace.prefix }),
      );
      return new Session(workplace, output, server, client);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /**
   * Sets interrupted runs and sweeps of this home aside, whose nodes our worker would otherwise take up beside those of
   * `id`, a run or a sweep with its trials. Only where nobody else uses the server: then nobody works on them. Results
   * and checkpoints stay, so `lcoms resume` goes on where they were. Returns their ids, those of trials left out.
   */
  async setAsideOthers(id: string): Promise<string[]> {
    if (!this.server.embedded || this.isShared()) return [];
    const why = `set aside for ${id}`;
    const sweeps = (await this.patiently(() => this.client.sweeps.open())).filter((sweepId) => sweepId !== id);
    // Before their trials: a sweep would begin others.
    for (const sweepId of sweeps) await this.client.sweeps.terminate(sweepId, why);
    const open = (await this.patiently(() => this.client.list())).filter(
      ({ state, runId }) => state === 'running' && runId !== id && trialOfId(runId)?.sweepId !== id,
    );
    for (const { runId } of open) await this.client.terminate(runId, why);
    return [...sweeps, ...open.map(({ runId }) => runId).filter((runId) => trialOfId(runId) === null)];
  }

  /**
   * Makes a call to the server, again while it does not answer: the home's own server may be starved by what computes
   * beside it. Throws as the call does; LCOMS_E_TEMPORAL after three minutes (at once for a server of the user's).
   */
  async patiently<T>(call: () => Promise<T>): Promise<T> {
    return await patiently(this.output, this.server.embedded, call, () => this.server.ensure());
  }

  /** Whether other lcoms processes use the embedded server, a worker or a run in the background. */
  isShared(): boolean {
    return this.server.embedded && countUsers(this.workplace.home) > 1;
  }

  /** Starts a worker for every queue, and another one whenever it dies. */
  async work(): Promise<void> {
    const { home, storeUrl, prefix } = this.workplace;
    const { address, namespace } = this.server;
    const ready = this.output.waiting('starting a worker');
    const queues = [...workerQueueSchema.options];
    const worker = await this.patiently(() =>
      spawnWorker({ address, namespace, prefix, queues, home, storeUrl }),
    ).finally(ready);
    this.#worker = worker;
    if (this.#closing) return await worker.stop();
    void worker.exited.then(async ({ code, signal }) => {
      if (this.#closing) return;
      this.#deaths += 1;
      const how = signal === null ? `exit code ${code}` : signal;
      if (this.#deaths >= MAXIMUM_DEATHS) {
        this.#broken(new LcomsError('LCOMS_E_COMPUTE_DIED', `the worker died ${this.#deaths} times, last with ${how}`));
        return;
      }
      this.output.warn(`the worker ended with ${how}; starting another one`);
      await this.server
        .ensure()
        .then(() => {
          // Should it fail, the server finds out by its timeouts.
          void this.client.workerDied(worker.pid).catch(() => undefined);
          return this.work();
        })
        .catch(this.#broken);
    });
  }

  /** Ends the worker (computations within a second) and gives the server back. Runs stay as they are. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#worker?.stop();
    await this.client.close();
    await this.server.close();
  }
}
