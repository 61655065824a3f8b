import { existsSync } from 'node:fs';
import path from 'node:path';
import { RunClient } from '../infra/temporal/client.js';
import { connectTemporal } from '../infra/temporal/embedded.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { Output } from './output.js';
import { patiently } from './patience.js';
import type { Workplace } from './workplace.js';

/** What ends a run on the server: told whether the run is open there. */
export type OnServer<T> = (client: RunClient) => Promise<T>;

/**
 * Calls `act` with a client when the server has the run open; null when it has not, or there never was one. The home's
 * own server is started for it: a run that was interrupted is still open in its state.
 */
export async function withOpenRun<T>(
  { home, prefix }: Workplace,
  runId: string,
  output: Output,
  act: OnServer<T>,
): Promise<T | null> {
  if (temporalAddress(process.env) === null && !existsSync(path.join(home, 'temporal', 'state.db'))) return null;
  const ready = output.waiting('connecting to the Temporal server');
  const server = await connectTemporal({ home }).finally(ready);
  try {
    const { address, namespace, embedded } = server;
    const client = await patiently(output, embedded, () => RunClient.connect({ address, namespace, prefix }));
    try {
      return (await client.state(runId)) === 'running' ? await act(client) : null;
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

/** Waits for the end of a run; null after `patience` milliseconds. */
export async function endWithin(client: RunClient, runId: string, patience: number): Promise<string | null> {
  const signal = AbortSignal.timeout(patience);
  try {
    return (await client.result(runId, { signal })).state;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
