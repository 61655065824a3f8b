// Entry of a compute process: `process.js MODULE`, forked by the pool. Runs MODULE's executeNode, one job at a time.
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Progress } from '../../schemas/node.js';
import type { ExecuteNode, FromCompute, ToCompute } from './protocol.js';
import { toRemoteError } from './remote-error.js';

/** Milliseconds between forwarded ticks: more of them tell nobody anything. */
const TICK_INTERVAL = 100;

const modulePath = process.argv[2];
if (modulePath === undefined || process.send === undefined) {
  process.stderr.write('this process is started by an lcoms worker\n');
  process.exit(2);
}

// A Ctrl-C in the terminal reaches the whole group; it is the worker that decides what becomes of the job.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
new Worker(new URL('./orphan-watch.js', import.meta.url), { workerData: { parent: process.ppid } }).unref();

/** One a process, not a job: it is never used again after a cancel, and what a plugin keeps between jobs must hear of it. */
const abort = new AbortController();
const pause = new AbortController();
let lastTick = Number.NEGATIVE_INFINITY;

function send(message: FromCompute): void {
  if (process.connected) process.send?.(message);
}

function tick(progress: Progress): void {
  const now = performance.now();
  if (now - lastTick < TICK_INTERVAL) return;
  lastTick = now;
  send({ type: 'tick', progress });
}

async function run({ task, attempt }: Extract<ToCompute, { type: 'job' }>): Promise<void> {
  lastTick = Number.NEGATIVE_INFINITY;
  const memoryMB = (): number => process.memoryUsage.rss() / 2 ** 20;
  try {
    const { executeNode } = (await import(pathToFileURL(modulePath as string).href)) as { executeNode: ExecuteNode };
    const log = (line: string): void => send({ type: 'log', line });
    const result = await executeNode(task, {
      signal: abort.signal,
      pause: pause.signal,
      attempt,
      tick,
      log,
    });
    send({ type: 'result', result, memoryMB: memoryMB() });
  } catch (error) {
    if (pause.signal.aborted && error instanceof Error && error.name === 'Paused') return send({ type: 'paused' });
    const remote = toRemoteError(error);
    send({ type: 'log', line: remote.record.code === 'LCOMS_E_INTERNAL' ? describe(error) : remote.record.message });
    send({ type: 'error', error: remote, memoryMB: memoryMB() });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.on('message', (message: ToCompute) => {
  if (message.type === 'cancel') abort.abort();
  else if (message.type === 'pause') pause.abort();
  else void run(message);
});
send({ type: 'ready' });
