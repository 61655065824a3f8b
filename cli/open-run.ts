import { existsSync } from 'node:fs';
import path from 'node:path';
import { RunClient } from '../infra/temporal/client.js';
import { connectTemporal } from '../infra/temporal/embedded.js';
import { temporalAddress } from '../lib/temporal/address.js';
import type { RunState } from '../schemas/run.js';
import type { Output } from './output.js';
import { patiently } from './patience.js';
import type { Workplace } from './workplace.js';

/** What is done on the server. */
export type OnServer<T> = (client: RunClient) => Promise<T>;

/** Calls `act` with a client when the server has the run open; null when it has not, or there never was one. */
export async function withOpenRun<T>(
  workplace: Workplace,
  runId: string,
  output: Output,
  act: OnServer<T>,
): Promise<T | null> {
  return await withServer(workplace, output, async (client) =>
    (await client.state(runId)) === 'running' ? await act(client) : null,
  );
}

/**
 * Calls `act` with a client; null when there never was a server. The home's own one is started for it: what was interrupted
 * is still open in its state.
 */
export async function withServer<T>(
  { home, prefix }: Workplace,
  output: Output,
  act: OnServer<T | null>,
): Promise<T | null> {
  if (temporalAddress(process.env) === null && !existsSync(path.join(home, 'temporal', 'state.db'))) return null;
  const ready = output.waiting('connecting to the Temporal server');
  const server = await connectTemporal({ home }).finally(ready);
  try {
    const { address, namespace, embedded } = server;
    const client = await patiently(output, embedded, () => RunClient.connect({ address, namespace, prefix }));
    try {
      return await act(client);
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

/** Waits for the end of a run, or of a sweep by the client of sweeps; null after `patience` milliseconds. */
export async function endWithin(
  client: Pick<RunClient, 'result'> | Pick<RunClient['sweeps'], 'result'>,
  id: string,
  patience: number,
): Promise<RunState | null> {
  const signal = AbortSignal.timeout(patience);
  try {
    return (await client.result(id, { signal })).state;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Says how a run or a sweep stands now, in words or as a document with its id. Gives the exit code. */
export function teller(
  output: Output,
  id: Readonly<Record<string, string>>,
): (state: RunState, words: string) => number {
  return (state, words) => {
    if (output.json) output.document({ ...id, state });
    else output.say(words);
    return 0;
  };
}
