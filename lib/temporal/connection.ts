import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { LcomsError } from '../../schemas/errors.js';
import type { TemporalAddress } from './address.js';

/** Tries of a call that the server did not answer. */
const ATTEMPTS = 4;

/** gRPC codes of trouble that may pass: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE. */
const PASSING = new Set([4, 8, 10, 14]);

/** A connection that is made with the first call and comes back after the server was away. */
export function openConnection({ address, tls, apiKey }: TemporalAddress): Connection {
  return Connection.lazy({
    address,
    connectTimeout: 4_000,
    // Calls are repeated by callServer, where they end with the client; the default interceptor throws from a timer after that.
    interceptors: [],
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 },
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}

/**
 * Makes a call, again for trouble that may pass. Errors in `meant` (classes) are thrown as they are, any other as
 * LCOMS_E_TEMPORAL.
 */
export async function callServer<T>(
  address: string,
  call: () => Promise<T>,
  meant: readonly (abstract new (...args: never[]) => Error)[] = [],
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (cause) {
      if (meant.some((known) => cause instanceof known)) throw cause;
      if (isPassing(cause) && attempt < ATTEMPTS) {
        await sleep(250 * attempt);
        continue;
      }
      throw new LcomsError(
        'LCOMS_E_TEMPORAL',
        `the Temporal server at ${address} refused or failed: ${reasonOf(cause)}`,
        { cause },
      );
    }
  }
}

function isPassing(error: unknown): boolean {
  const service = isGrpcServiceError(error) ? error : (error as Error).cause;
  return isGrpcServiceError(service) && PASSING.has(service.code);
}

/** What a failed call says of its reason. */
export function reasonOf(error: unknown): string {
  const inner = (error as { cause?: unknown }).cause ?? error;
  const { details, message } = inner as { details?: unknown; message?: unknown };
  const reason = String(typeof details === 'string' && details !== '' ? details : (message ?? inner));
  // gRPC appends notes on its name resolution, which say nothing to a user.
  return reason.replace(/\s*Resolution note:.*$/s, '');
}
