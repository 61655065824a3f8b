import { setTimeout as sleep } from 'node:timers/promises';

/** Bounds on trying again. */
export interface RetryOptions {
  /** Tries in all, at least 1; of an error, where errors differ in how long they last. */
  attempts: number | ((error: unknown) => number);
  /** Wait before the second try, in ms; doubles for each later one. */
  backoffMs: number;
}

/** Runs idempotent work until it succeeds, fails for good, or the tries are used up; then throws the last error. */
export async function withRetries<T>(
  work: () => Promise<T>,
  isTransient: (error: unknown) => boolean,
  { attempts, backoffMs }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const most = typeof attempts === 'number' ? attempts : attempts(error);
      if (attempt >= most || !isTransient(error)) throw error;
      await sleep(backoffMs * 2 ** (attempt - 1));
    }
  }
}
