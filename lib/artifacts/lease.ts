import { readlinkSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { LcomsError } from '../../schemas/errors.js';
import { decodeJson, encodeJson } from './json-object.js';
import { leasePrefix } from './layout.js';
import type { ObjectStore } from './object-store.js';

const leaseSchema = z.strictObject({ machine: z.string(), pid: z.number().int() });

/** Settings of takeLease, milliseconds. */
export interface LeaseTimes {
  /** Time between two signs of life of a holder. Default 3,000. */
  renew?: number;
  /**
   * A holder that gave no sign for so long counts as dead. Default 60,000: twice the silence after which a worker ends
   * a compute process. One that is known dead on this machine is not waited for.
   */
  stale?: number;
  /** Longest time between two looks of one who waits. Default 1,000. */
  poll?: number;
}

/** Its holder gives signs of life by itself, as long as its event loop turns. */
export interface Lease {
  /**
   * Lets the next one in. Never throws: while the store is away it is tried again in the background; what can't be deleted at
   * all grows stale.
   */
  release(): Promise<void>;
}

/** Processes that can be asked after by number from here: this machine, and this container of it. */
const MACHINE = `${os.hostname()}/${namespace()}`;

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/**
 * Waits for the lease of a node, so that of all who need its result at a time one makes it. `done` is asked before every
 * look: when it gives something the lease is not wanted any more, and that is returned.
 *
 * A lease is for thrift, not for safety: should two hold one (a holder slept through `stale`), the commit decides. A dead
 * holder's lease is taken over by writing the next generation beside it, If-None-Match: *, so that one of those who wait
 * gets it.
 */
export async function takeLease<T>(
  store: ObjectStore,
  nodeKey: string,
  done: () => Promise<T | null>,
  waiting: () => void,
  { renew = 3_000, stale = 60_000, poll = 1_000 }: LeaseTimes = {},
): Promise<{ result: T } | { lease: Lease }> {
  const prefix = leasePrefix(nodeKey);
  const mine = encodeJson({ machine: MACHINE, pid: process.pid }, 'the lease');
  let seen = { generation: -1, modifiedAt: 0, at: 0 };
  for (let look = 0; ; look++) {
    const newest = await newestGeneration(store, prefix);
    const now = performance.now();
    if (newest && (newest.generation !== seen.generation || newest.modifiedAt !== seen.modifiedAt))
      seen = { ...newest, at: now };
    const free = newest === null || now - seen.at > stale || (await isDead(store, `${prefix}${newest.generation}`));
    const generation = (newest?.generation ?? -1) + 1;
    if (free && (await store.putIfAbsent(`${prefix}${generation}`, mine)) === 'created') {
      const lease = hold(store, { prefix, generation, mine }, { renew, stale });
      // Whoever held it before may have finished between our last look and this one.
      const result = await done().catch(async (error: unknown) => {
        await lease.release();
        throw error;
      });
      if (result === null) return { lease };
      await lease.release();
      return { result };
    }
    waiting();
    await sleep(Math.min(poll, 50 * 2 ** Math.min(look, 10)));
    const result = await done();
    if (result !== null) return { result };
  }
}

function hold(
  store: ObjectStore,
  { prefix, generation, mine }: { prefix: string; generation: number; mine: Uint8Array },
  { renew, stale }: { renew: number; stale: number },
): Lease {
  const key = `${prefix}${generation}`;
  let writing: Promise<void> | null = null;
  // A store that is away for a moment costs a sign of life, not the work; while it is slow no further signs queue up.
  const timer = setInterval(() => {
    writing ??= store
      .put(key, mine)
      .catch(() => undefined)
      .finally(() => {
        writing = null;
      });
  }, renew);
  timer.unref();
  const remove = async (): Promise<boolean> => {
    try {
      // Older generations first: a next one must not begin below what is still there.
      for (let g = 0; g <= generation; g++) await store.delete(`${prefix}${g}`);
      return true;
    } catch {
      return false;
    }
  };
  return {
    release: async () => {
      clearInterval(timer);
      await writing;
      if (!(await remove())) void removeLater(remove, stale / 2);
    },
  };
}

/** Until others may take it for stale, and may have taken it over. */
async function removeLater(remove: () => Promise<boolean>, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  do await sleep(Math.min(500, patience / 10), undefined, { ref: false });
  while (performance.now() < deadline && !(await remove()));
}

async function newestGeneration(
  store: ObjectStore,
  prefix: string,
): Promise<{ generation: number; modifiedAt: number } | null> {
  let newest: { generation: number; modifiedAt: number } | null = null;
  for await (const { key, modifiedAt } of store.list(prefix)) {
    const generation = Number(key.slice(prefix.length));
    if (Number.isInteger(generation) && generation > (newest?.generation ?? -1))
      newest = { generation, modifiedAt: modifiedAt.getTime() };
  }
  return newest;
}

/** Whether the holder was a process of this machine that is gone. */
async function isDead(store: ObjectStore, key: string): Promise<boolean> {
  try {
    const { machine, pid } = decodeJson(await store.get(key), leaseSchema, key, store.describe());
    if (machine !== MACHINE) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if (error instanceof LcomsError) return false;
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
