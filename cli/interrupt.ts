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
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    output.warn('\nstopping; Ctrl-C again stops at once');
    controller.abort(new Interrupted('interrupted'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}
