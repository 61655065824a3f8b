import type { ObjectStore, StoredObject } from '../lib/artifacts/object-store.js';

/** Milliseconds between signs of life. */
const INTERVAL = 500;
/** Milliseconds after which a call counts as hung: longer than all tries of a store that times out. */
const LONGEST = 5 * 60_000;

/**
 * A store whose calls give signs of life while they are under way: a slow store is not a hung process. They end after
 * five minutes of one call, so that one which never comes back is seen.
 */
export function aliveStore(store: ObjectStore, alive: () => void): ObjectStore {
  const during = async <T>(call: Promise<T>): Promise<T> => {
    const started = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - started < LONGEST) alive();
    }, INTERVAL);
    try {
      return await call;
    } finally {
      clearInterval(timer);
    }
  };
  return {
    get: (key) => during(store.get(key)),
    put: (key, bytes) => during(store.put(key, bytes)),
    putIfAbsent: (key, bytes) => during(store.putIfAbsent(key, bytes)),
    has: (key) => during(store.has(key)),
    stat: (key) => during(store.stat(key)),
    delete: (key) => during(store.delete(key)),
    describe: () => store.describe(),
    async *list(prefix): AsyncIterable<StoredObject> {
      const objects = store.list(prefix)[Symbol.asyncIterator]();
      for (let next = await during(objects.next()); !next.done; next = await during(objects.next())) yield next.value;
    },
    ...(store.leftovers ? { leftovers: store.leftovers } : {}),
  };
}
