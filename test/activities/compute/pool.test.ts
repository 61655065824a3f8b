import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JobFailed, type JobHooks } from '../../../activities/compute/child.js';
import { ComputePool } from '../../../activities/compute/pool.js';
import { distFolder } from '../../../infra/paths.js';
import { PACKAGE_ROOT } from '../../../lib/package-root.js';
import type { NodeTask, Progress } from '../../../schemas/node.js';

let folder: string;
let pool: ComputePool;
const seen: { progress: (Progress | null)[]; output: string } = { progress: [], output: '' };
const hooks: JobHooks = {
  onAlive: (progress) => seen.progress.push(progress),
  onOutput: (text) => {
    seen.output += text;
  },
};

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-pool-'));
  Object.assign(seen, { progress: [], output: '' });
  pool = makePool();
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

function makePool(limits: { maximumJobs?: number; maximumMemoryMB?: number; idle?: number } = {}): ComputePool {
  return new ComputePool({
    entry: path.join(distFolder, 'activities', 'compute', 'process.js'),
    executor: path.join(PACKAGE_ROOT, 'test', 'activities', 'compute', 'fake-executor.mjs'),
    env: { ...process.env, LCOMS_FAKE: folder },
    nice: 5,
    ...limits,
  });
}

const task = (nodeId: string): NodeTask => ({ runId: 'r', nodeId, inputs: {} });
const behave = (id: string, plan: object): void => writeFileSync(path.join(folder, `${id}.json`), JSON.stringify(plan));
const run = (id: string, signal = new AbortController().signal) => pool.run(task(id), 1, signal, hooks);
const started = (): boolean => existsSync(path.join(folder, 'events.jsonl'));

describe('a pool of compute processes', () => {
  test('keeps a process warm from job to job and reports progress and output', async () => {
    behave('a', { steps: 3, stepMs: 150 });
    expect(await run('a')).toMatchObject({ id: 'a', cached: false, attempt: 1 });
    const pids = pool.pids();
    await run('b');
    expect(pool.pids()).toEqual(pids);
    expect(seen.progress[0]).toBeNull();
    expect(seen.progress).toContainEqual({ done: 3, total: 3, unit: 'steps' });
    expect(seen.output).toContain('working on a');
  });

  test('keeps the process after an error of the job, which comes through whole', async () => {
    behave('bad', { bad: 'LCOMS_E_FORMULA', badAttempts: 1, message: 'Xx is no element' });
    const error = await run('bad').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(JobFailed);
    expect((error as JobFailed).remote).toEqual({
      record: { code: 'LCOMS_E_FORMULA', message: 'Xx is no element', hint: 'Mend it.', where: 'spec.yaml -> data' },
      retryable: false,
    });
    const pids = pool.pids();
    expect(pids).toHaveLength(1);
    await run('good');
    expect(pool.pids()).toEqual(pids);
  });

  test('replaces a process that died, and quotes its last words', async () => {
    behave('dies', { bad: 'die', badAttempts: 1 });
    await expect(run('dies')).rejects.toMatchObject({
      code: 'LCOMS_E_COMPUTE_DIED',
      retryable: true,
      message: expect.stringMatching(/node dies ended with exit code 7.*the last words/s),
    });
    expect(pool.pids()).toEqual([]);
    expect(await run('next')).toMatchObject({ id: 'next' });
  });

  test.each([
    ['that listens', { steps: 2_000, stepMs: 20 }],
    ['that never yields', { bad: 'hang', badAttempts: 1 }],
  ])('an abort ends a process %s', async (_, plan) => {
    behave('long', plan);
    const abort = new AbortController();
    const job = run('long', abort.signal).catch((e: unknown) => e);
    while (!started()) await new Promise((resolve) => setTimeout(resolve, 10));
    abort.abort(new Error('enough'));
    expect(await job).toMatchObject({ message: 'enough' });
    expect(pool.pids()).toEqual([]);
    const events = readFileSync(path.join(folder, 'events.jsonl'), 'utf8');
    expect(events.includes('aborted')).toBe('steps' in plan);
  });

  test.each([
    ['many jobs', { maximumJobs: 1 }],
    ['much memory', { maximumMemoryMB: 1 }],
  ])('retires a process after %s', async (_, limits) => {
    pool = makePool(limits);
    await run('a');
    expect(pool.pids()).toEqual([]);
  });
});
