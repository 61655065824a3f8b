import { setTimeout as sleep } from 'node:timers/promises';
import { LcomsError } from '../schemas/errors.js';
import type { Output } from './output.js';

/** Milliseconds after which a server that does not answer is given up. */
const LONGEST = 180_000;
const PAUSE = 1_000;

/**
 * Calls again, with a word, while the home's own server does not answer (LCOMS_E_TEMPORAL), for three minutes: on a
 * loaded machine it is slow, not gone. `mend` is called in between, and may start it again. A server that the user
 * named gets one call.
 */
export async function patiently<T>(
  output: Output,
  embedded: boolean,
  call: () => Promise<T>,
  mend: () => Promise<void> = async () => undefined,
): Promise<T> {
  const deadline = performance.now() + LONGEST;
  for (let told = false; ; told = true) {
    try {
      return await call();
    } catch (error) {
      const slow = error instanceof LcomsError && error.code === 'LCOMS_E_TEMPORAL';
      if (!embedded || !slow || performance.now() > deadline) throw error;
      if (!told)
        output.warn(`the Temporal server is slow to answer (${error.message}); trying again for three minutes`);
      await sleep(PAUSE);
      await mend().catch(() => undefined);
    }
  }
}
