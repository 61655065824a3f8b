import { defineCommand } from 'citty';
import { connectTemporal } from '../infra/temporal/embedded.js';
import { type WorkerQueue, workerQueueSchema } from '../infra/worker/config.js';
import { startWorker } from '../infra/worker/worker.js';
import { LcomsError } from '../schemas/errors.js';
import { interruptSignal } from './interrupt.js';
import { didYouMean } from './usage.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const ALL: readonly WorkerQueue[] = workerQueueSchema.options;

const command = defineCommand({
  meta: { name: 'worker', description: 'Run a worker in the foreground, for the runs of this store' },
  args: {
    queues: {
      type: 'string',
      valueHint: 'LIST',
      description: `what it takes, comma-separated: ${ALL.join(', ')} (default: all)`,
    },
    ...JSON_OPTION,
  },
  run: async ({ args, data }) => {
    const { output } = data as VerbData;
    const queues = readQueues(args.queues);
    const { home, storeUrl, store, prefix } = openWorkplace();
    const signal = interruptSignal(output);
    const server = await connectTemporal({ home });
    try {
      const { address, namespace } = server;
      const worker = await startWorker({ address, namespace, prefix, queues, home, storeUrl, signal });
      const polled = queues.map((queue) => `${prefix}-${queue}`);
      if (output.json)
        output.document({
          ready: true,
          pid: process.pid,
          address,
          namespace,
          store: store.store.describe(),
          queues: polled,
        });
      else {
        output.say(`worker ${process.pid} at ${address} (namespace ${namespace}), store ${store.store.describe()}`);
        output.say(`polls ${polled.join(', ')}\nCtrl-C stops it.`);
      }
      await worker.done;
      return 0;
    } finally {
      await server.close();
    }
  },
});

function readQueues(given: string | undefined): WorkerQueue[] {
  if (given === undefined) return [...ALL];
  return [...new Set(given.split(',').map((name) => name.trim()))].map((name) => {
    const parsed = workerQueueSchema.safeParse(name);
    if (parsed.success) return parsed.data;
    throw new LcomsError(
      'LCOMS_E_USAGE',
      `there is no queue "${name}".${didYouMean(name, ALL)} The queues: ${ALL.join(', ')}`,
    );
  });
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms worker', 'everything, on this machine'],
    ['TEMPORAL_ADDRESS=temporal:7233 LCOMS_STORE=s3://runs lcoms worker --queues cpu', 'training only, on a cluster'],
  ],
  notes: [
    'It takes the plugins of lcoms.config.ts in the working folder (or LCOMS_CONFIG_DIR): a spec can only name those.',
  ],
};
