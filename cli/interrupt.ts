import { setMaxListeners } from 'node:events';
import { INTERRUPTED } from './errors.js';
import type { Output } from './output.js';

/** Reason of an abort by Ctrl-C, SIGTERM or a closed terminal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * A signal that the first Ctrl-C (or SIGTERM, or a closed terminal) aborts, so that everything can be put in order; the
 * second one ends the process at once.
 */
export function interruptSignal(output: Output): AbortSignal {
  const controller = new AbortController();
  // The Temporal client adds one for each long poll; Node would warn of a leak after eleven.
  setMaxListeners(0, controller.signal);
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    output.warn('\nstopping; Ctrl-C again stops at once');
    controller.abort(new Interrupted('interrupted'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
