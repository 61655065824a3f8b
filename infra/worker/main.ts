// A worker process: `node dist/infra/worker/main.js`, configured by the environment (see workerConfig). Prints one line
// of JSON when it is ready ({ready, pid, queues}) or could not start ({error}). Ends with its parent when there is an
// IPC channel, on SIGINT and SIGTERM, and after the run that it was started for.
import { toRemoteError } from '../../activities/compute/remote-error.js';
import { RunClient } from '../temporal/client.js';
import { connectTemporal, stopUnusedServer, type TemporalConnection } from '../temporal/embedded.js';
import { type WorkerConfig, workerConfig } from './config.js';
import { startWorker } from './worker.js';

/** Milliseconds from the wish to stop to a hard end, should the server be away. */
const HARD_STOP = 8_000;

const abort = new AbortController();
function stop(): void {
  abort.abort();
  setTimeout(() => process.exit(1), HARD_STOP).unref();
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
let orphan = false;
if (process.connected) {
  process.on('disconnect', () => {
    orphan = true;
    stop();
  });
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(config: WorkerConfig): Promise<void> {
  const { home, untilRun, address, ...rest } = config;
  const own: TemporalConnection | null = address === null ? await connectTemporal({ home }) : null;
  const server = { address: own?.address ?? (address as string), namespace: own?.namespace ?? config.namespace };
  try {
    const worker = await startWorker({ ...rest, ...server, home, signal: abort.signal });
    print({ ready: true, pid: process.pid, queues: config.queues });
    if (untilRun !== undefined) await waitForRun(untilRun, { ...server, prefix: config.prefix }, own, worker.done);
    if (untilRun !== undefined) await worker.stop();
    await worker.done;
  } finally {
    await own?.close();
    // A parent that was killed could not give its server back.
    if (orphan) await stopUnusedServer(home);
  }
}

async function waitForRun(
  runId: string,
  server: { address: string; namespace: string; prefix: string },
  own: TemporalConnection | null,
  workerDone: Promise<void>,
): Promise<void> {
  const client = await RunClient.connect(server);
  try {
    const ended = client.result(runId, { signal: abort.signal, ...(own ? { whileAway: () => own.ensure() } : {}) });
    await Promise.race([ended.catch(() => undefined), workerDone]);
  } finally {
    await client.close();
  }
}

try {
  await main(workerConfig(process.env));
  process.exit(0);
} catch (error) {
  print({ error: toRemoteError(error).record });
  process.exit(3);
}
