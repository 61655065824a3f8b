import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { homeOf, storeUrlOf } from '../../activities/locations.js';
import { LcomsError } from '../../schemas/errors.js';
import { queueSchema } from '../../schemas/node.js';
import { taskQueuePrefix } from '../paths.js';

/** Task queues that a worker can serve: those of nodes, and the one of workflows and status records. */
export const workerQueueSchema = z.enum(['orchestration', ...queueSchema.options]);
export type WorkerQueue = z.infer<typeof workerQueueSchema>;

/** What a worker process is told. */
export const workerConfigSchema = z.strictObject({
  /** host:port; null: connect as connectTemporal does, and be a user of the embedded server. */
  address: z.string().nullable(),
  namespace: z.string(),
  /** Prefix of the task queues, see taskQueuePrefix. */
  prefix: z.string(),
  queues: z.array(workerQueueSchema).min(1),
  /** Absolute LCOMS_HOME: logs go there. */
  home: z.string(),
  /** Absolute URL of the object store. */
  storeUrl: z.string(),
  /** Module that exports executeNode. Default: that of the package. */
  executor: z.string().optional(),
  /** File of bundled workflows. Default: that of the package. */
  bundle: z.string().optional(),
  /** End when this run has ended: for a worker that nobody waits for. */
  untilRun: z.string().optional(),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;

/** Variable that holds a whole WorkerConfig as JSON. */
export const WORKER_CONFIG_VARIABLE = 'LCOMS_WORKER_CONFIG';

/**
 * The configuration of a worker process: LCOMS_WORKER_CONFIG, or LCOMS_HOME, LCOMS_STORE, TEMPORAL_NAMESPACE and
 * LCOMS_QUEUES (comma-separated, default all). Throws LCOMS_E_CONFIG.
 */
export function workerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const json = env[WORKER_CONFIG_VARIABLE];
  const given: unknown = json ? JSON.parse(json) : fromPlainVariables(env);
  const parsed = workerConfigSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new LcomsError('LCOMS_E_CONFIG', `the worker's configuration is wrong: ${z.prettifyError(parsed.error)}`, {
    hint: `LCOMS_QUEUES takes ${workerQueueSchema.options.join(', ')}.`,
  });
}

function fromPlainVariables(env: NodeJS.ProcessEnv): WorkerConfig {
  const storeUrl = storeUrlOf(env);
  return {
    address: null,
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    prefix: taskQueuePrefix(storeUrl),
    queues: (env['LCOMS_QUEUES'] || workerQueueSchema.options.join(','))
      .split(',')
      .map((name) => name.trim() as WorkerQueue),
    home: homeOf(env),
    storeUrl,
  };
}

/**
 * Tasks at once: one computation, as it uses every core itself; as many scores as cores (LCOMS_SCORE_CONCURRENCY);
 * four of io; eight status records.
 */
export function concurrencyOf(queue: WorkerQueue, env: NodeJS.ProcessEnv): number {
  if (queue === 'score') {
    const given = Number(env['LCOMS_SCORE_CONCURRENCY']);
    return Number.isInteger(given) && given > 0 ? given : availableParallelism();
  }
  return { orchestration: 8, io: 4, cpu: 1 }[queue];
}
