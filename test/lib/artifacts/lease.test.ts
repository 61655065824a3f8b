import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { FsStore } from '../../../lib/artifacts/fs.js';
import { type LeaseTimes, takeLease } from '../../../lib/artifacts/lease.js';
import { MemoryStore } from '../../../lib/artifacts/memory.js';
import type { ObjectStore } from '../../../lib/artifacts/object-store.js';

const KEY = 'a'.repeat(64);
const QUICK: LeaseTimes = { renew: 50, stale: 400, poll: 20 };
const nothing = (): void => undefined;
const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-lease-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** Makes what all want, or takes what another made. */
async function want(store: ObjectStore, made: string[], name: string, work = 60): Promise<string> {
  const done = async (): Promise<string | null> => made[0] ?? null;
  const turn = await takeLease(store, KEY, done, nothing, QUICK);
  if ('result' in turn) return turn.result;
  await sleep(work);
  made.push(name);
  await turn.lease.release();
  return name;
}

describe.each([
  ['memory', () => new MemoryStore()],
  ['a folder', () => new FsStore(path.join(folder, String(count++)))],
])('a lease in %s', (_, open) => {
  test('lets one of ten make it; the others get what that one made', async () => {
    const store = open();
    const made: string[] = [];
    const names = Array.from({ length: 10 }, (__, i) => `trial ${i}`);
    const got = await Promise.all(names.map((name) => want(store, made, name)));
    expect(made).toHaveLength(1);
    expect(new Set(got)).toEqual(new Set(made));
    const left: string[] = [];
    for await (const { key } of store.list('leases/')) left.push(key);
    expect(left).toEqual([]);
  });

  test('of a holder that works longer than it takes to be stale is not taken over', async () => {
    const store = open();
    const made: string[] = [];
    await Promise.all([want(store, made, 'slow', 1_200), sleep(30).then(() => want(store, made, 'next'))]);
    expect(made).toEqual(['slow']);
  });

  test('of a holder that fell silent is taken over by one of those who wait', async () => {
    const store = open();
    await store.put(`leases/${KEY}.0`, Buffer.from(JSON.stringify({ machine: 'elsewhere', pid: 1 })));
    const made: string[] = [];
    const got = await Promise.all(['a', 'b', 'c', 'd'].map((name) => want(store, made, name)));
    expect(made).toHaveLength(1);
    expect(new Set(got)).toEqual(new Set(made));
  });
});

test('of a process that was killed on this machine is taken over at once', async () => {
  const root = path.join(folder, 'killed');
  const script = `
    import { takeLease } from '${path.resolve('dist/lib/artifacts/lease.js')}';
    import { FsStore } from '${path.resolve('dist/lib/artifacts/fs.js')}';
    await takeLease(new FsStore('${root}'), '${KEY}', async () => null, () => undefined);
    process.stdout.write('held');
    setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  let waited = 0;
  const store = new FsStore(root);
  // A minute of silence is what it takes elsewhere: the test would run out of time.
  const next = takeLease(
    store,
    KEY,
    async () => null,
    () => void (waited += 1),
    { poll: 50 },
  );
  while (waited < 3) await sleep(20);
  holder.kill('SIGKILL');
  const turn = await next;
  expect('lease' in turn).toBe(true);
  if ('lease' in turn) await turn.lease.release();
}, 30_000);

test('what fails while one waits is passed on, and leaves no lease', async () => {
  const store = new MemoryStore();
  await expect(
    takeLease(store, KEY, () => Promise.reject(new Error('the store is away')), nothing, QUICK),
  ).rejects.toThrow('the store is away');
  expect(await store.has(`leases/${KEY}.0`)).toBe(false);
});

test('released while the store is away it is let go as soon as the store is back, though its holder lives on', async () => {
  const store = new MemoryStore();
  let away = false;
  const flaky: ObjectStore = {
    ...inherited(store),
    delete: (key) => (away ? Promise.reject(new Error('the store is away')) : store.delete(key)),
  };
  const times = { ...QUICK, stale: 1e9 };
  const first = await takeLease(flaky, KEY, async () => null, nothing, times);
  away = true;
  if ('lease' in first) await first.lease.release();
  expect(await store.has(`leases/${KEY}.0`)).toBe(true);
  const next = takeLease(flaky, KEY, async () => null, nothing, times);
  await sleep(100);
  away = false;
  const turn = await next;
  expect('lease' in turn).toBe(true);
  if ('lease' in turn) await turn.lease.release();
  expect(await store.has(`leases/${KEY}.0`)).toBe(false);
}, 30_000);

/** The calls of a store, bound to it. */
const inherited = (store: ObjectStore): ObjectStore => ({
  get: (key) => store.get(key),
  put: (key, bytes) => store.put(key, bytes),
  putIfAbsent: (key, bytes) => store.putIfAbsent(key, bytes),
  has: (key) => store.has(key),
  stat: (key) => store.stat(key),
  delete: (key) => store.delete(key),
  describe: () => store.describe(),
  list: (prefix) => store.list(prefix),
});
