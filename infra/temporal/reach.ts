import { Connection } from '@temporalio/client';
import type { TemporalAddress } from '../../lib/temporal/address.js';
import { reasonOf } from '../../lib/temporal/connection.js';
import { LcomsError } from '../../schemas/errors.js';

/** Milliseconds that a server named by the user gets to answer. */
const REACH_TIMEOUT = 4_000;

/** Whether a server answers and has the namespace. `timeout` in milliseconds. */
export async function answers(to: TemporalAddress, timeout: number): Promise<boolean> {
  try {
    await ask(to, timeout);
    return true;
  } catch {
    return false;
  }
}

/**
 * Throws LCOMS_E_TEMPORAL, naming the address, when the server does not answer within four seconds.
 * @param patience milliseconds that a server which is there (its port is open) may take instead
 */
export async function assertReachable(to: TemporalAddress, patience = 0): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const cause = await ask(to, REACH_TIMEOUT).catch((error: unknown) => error);
    if (cause === undefined) return;
    const reason = reasonOf(cause);
    if (performance.now() < deadline && !/ECONNREFUSED|not found/i.test(reason)) continue;
    throw new LcomsError(
      'LCOMS_E_TEMPORAL',
      /namespace/i.test(reason) && /not found/i.test(reason)
        ? `the Temporal server at ${to.address} has no namespace ${to.namespace}`
        : `no Temporal server answers at ${to.address} (${reason})`,
      { cause },
    );
  }
}

async function ask({ address, namespace, tls, apiKey }: TemporalAddress, timeout: number): Promise<void> {
  const connection = Connection.lazy({
    address,
    connectTimeout: timeout,
    // The default interceptor would retry past the deadline.
    interceptors: [],
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  try {
    // The port is open before the namespace exists, so ask for that.
    await connection.withDeadline(Date.now() + timeout, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
