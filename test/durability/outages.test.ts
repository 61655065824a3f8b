import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTemporalCli, findWeed } from '../../infra/tools/index.js';
import { signalAll } from '../support/processes.js';
import { type Seaweed, startSeaweed } from '../support/seaweed.js';
import { KILLS, Machine, runIdOf } from './rig.js';

const weed = await findWeed();
const usable = weed !== null && (await findTemporalCli()) !== null && process.platform === 'linux';
if (!usable)
  console.warn('durability tests are skipped: they need weed, temporal (npm run setup -- --with-s3) and Linux');

describe.skipIf(!usable)('with an object store of S3', () => {
  let s3: Seaweed;
  let truth: Record<string, string | undefined>;
  const store = (prefix: string): Record<string, string> => ({
    ...s3.env,
    LCOMS_STORE: `s3://lasting/${prefix}?endpoint=${s3.endpoint}&create=true&timeout=2000`,
  });
  beforeAll(async () => {
    s3 = await startSeaweed(weed?.path ?? '');
    const calm = new Machine(store('calm'));
    const { document } = await calm.json<{ runId: string }>(['run', KILLS]);
    truth = await calm.digests(document.runId);
  }, 600_000);
  afterAll(() => s3?.stop());

  test('a run goes on when the store was slow, and when it was away', async () => {
    const machine = new Machine(store('outage'));
    const running = machine.start(['run', KILLS]);
    await machine.logs(/encoder#\d+ checkpoint at step \d+: written/);
    process.kill(s3.pid(), 'SIGSTOP');
    await sleep(7_000);
    process.kill(s3.pid(), 'SIGCONT');
    await machine.logs(/surrogate#\d+ checkpoint at step \d+: written/);
    process.kill(s3.pid(), 'SIGKILL');
    await sleep(4_000);
    await s3.restart();
    expect((await running.finished).code).toBe(0);
    expect(await machine.digests(runIdOf(running))).toEqual(truth);
  }, 900_000);

  test('after a power cut another machine goes on from the store alone', async () => {
    const first = new Machine(store('moved'));
    const running = first.start(['run', KILLS]);
    await first.logs(/surrogate#\d+ checkpoint at step \d+: written/);
    first.kill();
    await running.finished;
    const second = new Machine(store('moved'));
    const runId = runIdOf(running);
    const { document } = await second.json<{ state: string }>(['resume', runId]);
    expect(document.state).toBe('succeeded');
    expect(second.log()).toMatch(/surrogate#\d+ goes on from checkpoint/);
    expect(second.log()).not.toMatch(/encoder#\d+ checkpoint/);
    expect(await second.digests(runId)).toEqual(truth);
  }, 900_000);
});

describe.skipIf(!usable)('a worker that slept while another took over', () => {
  test('writes nothing when it wakes up late', async () => {
    const machine = new Machine({ LCOMS_HEARTBEAT_MS: '3000' });
    const running = machine.start(['run', KILLS]);
    await machine.logs(/encoder#\d+ checkpoint at step \d+: written/);
    const worker = machine.processes('worker/main.js');
    const compute = machine.processes('compute/process.js');
    const asleep = [...worker, ...compute];
    signalAll(asleep, 'SIGSTOP');
    const runId = runIdOf(running);
    let other: ReturnType<Machine['start']> | undefined;
    try {
      other = machine.start(['worker']);
      await machine.logs(/encoder#([2-9]|\d\d) begins[^]*latents#\d+ begins/, 400_000);
      const manifests = path.join(machine.home, 'store', 'manifests');
      const committed = readdirSync(manifests).map((name) => [name, readFileSync(path.join(manifests, name), 'utf8')]);
      // The computation wakes up first: nobody is there yet to tell it that it was given up.
      signalAll(compute, 'SIGCONT');
      await sleep(4_000);
      signalAll(worker, 'SIGCONT');
      expect((await running.finished).code).toBe(0);
      for (const [name, text] of committed)
        expect(readFileSync(path.join(manifests, name as string), 'utf8')).toBe(text);
      const key =
        committed.find(([, text]) => text?.includes('"step":"train-encoder"'))?.[0]?.replace('.json', '') ?? '';
      expect(key).not.toBe('');
      for (const kind of ['checkpoints', 'claims'])
        expect(names(path.join(machine.home, 'store', kind, key))).toEqual([]);
      expect(machine.log()).toMatch(/this attempt came too late/);
      const digests = Object.values(await machine.digests(runId));
      expect(digests.every((digest) => digest !== undefined)).toBe(true);
    } finally {
      signalAll(asleep, 'SIGCONT');
      other?.child.kill('SIGINT');
      await other?.finished;
    }
  }, 900_000);
});

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
