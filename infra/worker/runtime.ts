import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { logsFolder } from '../paths.js';

let installed = false;

/**
 * Sends the warnings of the Temporal runtime to <home>/logs/worker.log instead of the terminal, and leaves signals to
 * us. Once a process: the runtime is global.
 */
export function installRuntime(home: string): void {
  if (installed) return;
  installed = true;
  const file = path.join(logsFolder(home), 'worker.log');
  mkdirSync(path.dirname(file), { recursive: true });
  const logger = new DefaultLogger('WARN', ({ level, timestampNanos, message, meta }) => {
    const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    try {
      appendFileSync(file, `${time} ${process.pid} ${level} ${message} ${meta ? JSON.stringify(meta) : ''}\n`);
    } catch {
      // A log that can't be written stops no work.
    }
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
