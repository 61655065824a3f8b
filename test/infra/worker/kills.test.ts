import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { distFolder } from '../../../infra/paths.js';
import type { ServerProcess } from '../../../infra/temporal/server-process.js';
import { type SpawnedWorker, spawnWorker } from '../../../infra/worker/spawn.js';
import { env, hasServer, isAlive, node, quick, Rig, until } from '../temporal/rig.js';

describe.skipIf(!hasServer)('a run goes on', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  /** Starts a run of one long node and waits until its process works. */
  async function begin(
    runId: string,
    { steps = 1_000, maximumAttempts = 10 } = {},
  ): Promise<{ worker: SpawnedWorker; pid: number }> {
    rig = await Rig.start();
    const worker = await rig.worker();
    rig.behave('long', { steps, stepMs: 50 });
    await rig.client.start(runId, [node('long', {}, 'cpu'), node('next', { x: 'long' })], {
      timeouts: { ...quick, maximumAttempts },
    });
    const [first] = await until(() => (rig.events('long').length > 0 ? rig.events('long') : null), 'the node');
    rig.behave('long', { steps: 2 });
    return { worker, pid: first?.pid as number };
  }

  test('after SIGKILL of the worker, whose compute process does not outlive it', async () => {
    const { worker, pid } = await begin('kill-worker');
    process.kill(worker.pid, 'SIGKILL');
    await worker.exited;
    await until(() => !isAlive(pid), 'the end of the orphan');
    await rig.worker();
    expect((await rig.client.result('kill-worker')).state).toBe('succeeded');
    expect((await rig.status('kill-worker')).nodes[0]?.attempt).toBe(2);
  });

  test('after the worker was stopped, even on its last attempt', async () => {
    const { worker, pid } = await begin('stop-worker', { maximumAttempts: 1 });
    rig.behave('long', { steps: 1_000, stepMs: 50 });
    for (let stop = 0; stop < 2; stop++) {
      await (rig.workers.at(-1) ?? worker).stop();
      expect(isAlive(pid)).toBe(false);
      const before = rig.events('long').length;
      await rig.worker();
      await until(
        () =>
          rig
            .events('long')
            .slice(before)
            .some((e) => e.event === 'start'),
        'the next attempt',
      );
    }
    await rig.workers.at(-1)?.stop();
    rig.behave('long', { steps: 2 });
    await rig.worker();
    expect((await rig.client.result('stop-worker')).state).toBe('succeeded');
  });

  test('after SIGKILL of the server and a new start on its state', async () => {
    await begin('kill-server', { steps: 60 });
    const { pid } = rig.server();
    const result = rig.client.result('kill-server', { whileAway: () => rig.temporal.ensure() });
    process.kill(pid, 'SIGKILL');
    expect((await result).state).toBe('succeeded');
    expect(rig.server().pid).not.toBe(pid);
  });

  test('without anybody waiting: a detached worker ends after its run, and the server with it', async () => {
    rig = await Rig.start();
    await rig.client.start('detached', [node('alone')], { timeouts: quick });
    const config = { ...rig.config(), address: null, untilRun: 'detached' };
    const worker = await spawnWorker(config, { env: rig.env(), detached: true });
    await rig.client.result('detached');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect((await rig.status('detached')).state).toBe('succeeded');
  });
});

describe.skipIf(!hasServer)('a worker', () => {
  test('ends with a parent that was killed, and takes the unused server along', async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'lcoms-orphan-'));
    const module = (name: string): string => JSON.stringify(path.join(distFolder, 'infra', name));
    const config = { namespace: 'default', prefix: 'lcoms-orphan', queues: ['io'], home, storeUrl: `${home}/store` };
    const script = `
      import { connectTemporal } from ${module('temporal/embedded.js')};
      import { spawnWorker } from ${module('worker/spawn.js')};
      const { address } = await connectTemporal({ home: ${JSON.stringify(home)} });
      const { pid } = await spawnWorker({ ...${JSON.stringify(config)}, address });
      process.stdout.write(String(pid));
      process.kill(process.pid, 'SIGKILL');`;
    const died = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env }).catch(
      (e) => e,
    );
    const worker = Number((died as { stdout: string }).stdout);
    expect(worker).toBeGreaterThan(0);
    const server = JSON.parse(readFileSync(path.join(home, 'temporal', 'server.json'), 'utf8')) as ServerProcess;
    await until(() => !isAlive(worker) && !isAlive(server.pid), 'the end of worker and server');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test('that cannot start says why', async () => {
    const rig = await Rig.start();
    try {
      await expect(spawnWorker({ ...rig.config(), address: '127.0.0.1:1' }, { env })).rejects.toMatchObject({
        code: 'LCOMS_E_TEMPORAL',
        message: expect.stringContaining('127.0.0.1:1'),
      });
      await rig.worker();
      await rig.client.start('logged', [node('talks')], { timeouts: quick });
      await rig.client.result('logged');
      const log = path.join(rig.home, 'logs', 'runs', 'logged.log');
      expect(existsSync(log) && readFileSync(log, 'utf8')).toMatch(/^\S+Z talks#1 working on talks$/m);
    } finally {
      await rig.close();
    }
  });
});
