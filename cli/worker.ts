import { defineCommand } from 'citty';
import { connectTemporal } from '../infra/temporal/embedded.js';
import { type WorkerQueue, workerQueueSchema } from '../infra/worker/config.js';
import { startWorker } from '../infra/worker/worker.js';
import { LcomsError } from '../schemas/errors.js';
import { interruptSignal } from './interrupt.js';
import { PythonKeeper } from './python-keeper.js';
import { didYouMean } from './usage.js';
import { JSON_OPTION, type Verb, type VerbData } from './verb.js';
import { openWorkplace } from './workplace.js';

const ALL: readonly WorkerQueue[] = workerQueueSchema.options;
/** Served by a Python process beside this one; never by default. */
const PYTHON = 'score-python';

const command = defineCommand({
  meta: { name: 'worker', description: 'Run a worker in the foreground, for the runs of this store' },
  args: {
    queues: {
      type: 'string',
      valueHint: 'LIST',
      description: `what it takes, comma-separated: ${ALL.join(', ')} (default: all of these), ${PYTHON}`,
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
      const own = queues.filter((queue) => queue !== PYTHON);
      const python = queues.includes(PYTHON) ? await PythonKeeper.start({ address, namespace, home }, output) : null;
      const worker =
        own.length === 0
          ? null
          : await startWorker({ address, namespace, prefix, queues: own, home, storeUrl, signal }).catch(
              async (error: unknown) => {
                await python?.stop();
                throw error;
              },
            );
      const polled = [...own.map((queue) => `${prefix}-${queue}`), ...(python ? [python.queue] : [])];
      const at = store.store.describe();
      if (output.json) {
        const calculators = python ? { calculators: python.calculators } : {};
        output.document({
          ready: true,
          pid: process.pid,
          address,
          namespace,
          store: at,
          queues: polled,
          ...calculators,
        });
      } else {
        output.say(`worker ${process.pid} at ${address} (namespace ${namespace}), store ${at}`);
        if (python) output.say(`calculators: ${python.calculators.join(', ')}`);
        output.say(`polls ${polled.join(', ')}\nCtrl-C stops it.`);
      }
      signal.addEventListener('abort', () => void python?.stop(), { once: true });
      if (signal.aborted) await python?.stop();
      await Promise.all([worker?.done, python?.done]);
      return 0;
    } finally {
      await server.close();
    }
  },
});

function readQueues(given: string | undefined): (WorkerQueue | typeof PYTHON)[] {
  if (given === undefined) return [...ALL];
  return [...new Set(given.split(',').map((name) => name.trim()))].map((name) => {
    if (name === PYTHON) return PYTHON;
    const parsed = workerQueueSchema.safeParse(name);
    if (parsed.success) return parsed.data;
    throw new LcomsError(
      'LCOMS_E_USAGE',
      `there is no queue "${name}".${didYouMean(name, [...ALL, PYTHON])} The queues: ${[...ALL, PYTHON].join(', ')}`,
    );
  });
}

export const verb: Verb = {
  command,
  examples: [
    ['lcoms worker', 'everything, on this machine'],
    ['TEMPORAL_ADDRESS=temporal:7233 LCOMS_STORE=s3://runs lcoms worker --queues cpu', 'training only, on a cluster'],
    [`lcoms worker --queues ${PYTHON}`, 'ASE calculators for scorer/ase, by a Python worker (docs/scorers.md)'],
  ],
  notes: [
    'It takes the plugins of lcoms.config.ts in the working folder (or LCOMS_CONFIG_DIR): a spec can only name those.',
  ],
};
