import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { ComputePool } from '../../activities/compute/pool.js';
import { RunLog } from '../../activities/compute/run-log.js';
import { configDirOf } from '../../activities/locations.js';
import { nodeActivity } from '../../activities/node-activity.js';
import { statusActivity } from '../../activities/record-status.js';
import { isPauseMarked } from '../../activities/run-files.js';
import { advanceActivity, endedTrialsActivity, pauseTrialsActivity } from '../../activities/sweep/advance.js';
import { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { openStore } from '../../lib/artifacts/open.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import { addressEnvironment, withCredentials } from '../../lib/temporal/address.js';
import { LCOMS_VERSION } from '../../lib/version.js';
import { LcomsError } from '../../schemas/errors.js';
import { distFolder, logsFolder, workflowBundle } from '../paths.js';
import { RunClient } from '../temporal/client.js';
import { assertReachable } from '../temporal/reach.js';
import { concurrencyOf, type WorkerConfig, type WorkerQueue } from './config.js';
import { installRuntime } from './runtime.js';

/** Scheduling priority of compute processes, so that heartbeats and the terminal stay quick beside them. */
const NICE = 5;
/** Milliseconds that a server which is there gets to answer when the worker starts: the machine may be loaded. */
const SLOWEST_ANSWER = 60_000;
/** Longest graceful stop, milliseconds. */
const STOP_TIMEOUT = 5_000;

export interface StartWorkerOptions extends Omit<WorkerConfig, 'address' | 'untilRun'> {
  address: string;
  /** Stops the worker when aborted. */
  signal?: AbortSignal;
  /** Passed on to compute processes, with LCOMS_HOME, LCOMS_STORE and the server's address set. Default process.env. */
  env?: NodeJS.ProcessEnv;
}

export interface RunningWorker {
  /**
   * Stops taking tasks and ends nodes under way within a second; their workflow goes on when a worker comes back, and
   * the stop counts as no failed attempt.
   */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped; rejects with LCOMS_E_TEMPORAL when it broke down. */
  done: Promise<void>;
}

/** Starts one Temporal worker a queue on one connection. Throws LCOMS_E_TEMPORAL when the server can't be used. */
export async function startWorker(options: StartWorkerOptions): Promise<RunningWorker> {
  const { address, namespace, prefix, queues, home, signal, env = process.env } = options;
  installRuntime(home);
  const connection = await connect(address, namespace, env);
  const pools: ComputePool[] = [];
  const workers: Worker[] = [];
  try {
    for (const queue of queues) {
      const common = { connection, namespace, taskQueue: `${prefix}-${queue}`, shutdownForceTime: STOP_TIMEOUT };
      workers.push(await Worker.create({ ...common, ...(await optionsOf(queue, options, env, pools)) }));
    }
  } catch (cause) {
    await connection.close();
    throw new LcomsError('LCOMS_E_TEMPORAL', `the worker could not start: ${(cause as Error).message}`, { cause });
  }
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await done.catch(() => undefined);
    })();
    return stopping;
  };
  const runs = workers.map((worker) => worker.run());
  const done = Promise.all(runs)
    .catch(async (cause: Error) => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
      throw new LcomsError('LCOMS_E_TEMPORAL', `the worker broke down: ${cause.message}`, { cause });
    })
    .finally(async () => {
      await Promise.all(pools.map((pool) => pool.close()));
      await connection.close();
    })
    .then(() => undefined);
  done.catch(() => undefined);
  signal?.addEventListener('abort', () => void stop(), { once: true });
  if (signal?.aborted) void stop();
  return { stop, done };
}

async function optionsOf(
  queue: WorkerQueue,
  { address, namespace, prefix, home, storeUrl, executor, bundle }: StartWorkerOptions,
  env: NodeJS.ProcessEnv,
  pools: ComputePool[],
): Promise<Partial<WorkerOptions>> {
  const maxConcurrentActivityTaskExecutions = concurrencyOf(queue, env);
  if (queue === 'orchestration') {
    const store = openStore(storeUrl, env);
    const client = once(() => RunClient.connect({ address, namespace, prefix, env }));
    // Loaded with the first sweep only: every plugin comes with it.
    const registry = once(async () => (await import('../../plugins/config.js')).loadRegistry(configDirOf(env)));
    return {
      activities: {
        recordStatus: statusActivity(store),
        advanceSweep: advanceActivity(new ArtifactStore(store), registry),
        endedTrials: endedTrialsActivity(async (runId) => (await (await client()).state(runId)) === 'running'),
        pauseTrials: pauseTrialsActivity(store, async (runId) => (await client()).pause(runId)),
      },
      maxConcurrentActivityTaskExecutions,
      // How long a workflow waits for a worker that was killed before another one may take it up.
      stickyQueueScheduleToStartTimeout: '2s',
      // Not routed by: changes of the workflow are behind patched(), so any worker may go on with any run. The history
      // tells which one did.
      workerDeploymentOptions: {
        version: { deploymentName: 'lcoms', buildId: buildIdOf(bundle ?? workflowBundle) },
        useWorkerVersioning: false,
      },
      ...(existsSync(bundle ?? workflowBundle)
        ? { workflowBundle: { codePath: bundle ?? workflowBundle } }
        : { workflowsPath: path.join(distFolder, 'workflows', 'index.js') }),
    };
  }
  const pool = new ComputePool({
    entry: path.join(distFolder, 'activities', 'compute', 'process.js'),
    executor: executor ?? path.join(distFolder, 'activities', 'execute-node.js'),
    // The server too: a plugin may have its work done by a worker of another language.
    env: { ...addressEnvironment(address, namespace, env), LCOMS_HOME: home, LCOMS_STORE: storeUrl },
    nice: NICE,
  });
  pools.push(pool);
  const store = openStore(storeUrl, env);
  const toPause = (runId: string): Promise<boolean> => isPauseMarked(store, runId);
  return {
    activities: { runNode: nodeActivity(pool, new RunLog(logsFolder(home)), toPause) },
    maxConcurrentActivityTaskExecutions,
    // A cancel comes back with a heartbeat, and has to end the process within a second.
    maxHeartbeatThrottleInterval: '500ms',
    defaultHeartbeatThrottleInterval: '500ms',
  };
}

/** Version of the package, and twelve digits of the hash of its workflows. */
function buildIdOf(bundle: string): string {
  const code = existsSync(bundle) ? `-${sha256(readFileSync(bundle)).slice(0, 12)}` : '';
  return `${LCOMS_VERSION}${code}`;
}

/** The result of a call that is made when it is first wanted, and again should it fail. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

async function connect(address: string, namespace: string, env: NodeJS.ProcessEnv): Promise<NativeConnection> {
  const to = withCredentials(address, namespace, env);
  // The native connection takes ten seconds to give up, and does not know of namespaces.
  await assertReachable(to, SLOWEST_ANSWER);
  const { tls, apiKey } = to;
  return NativeConnection.connect({
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
