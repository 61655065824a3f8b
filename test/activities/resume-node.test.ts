import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { NodeHooks } from '../../activities/execute-node.js';
import { openStore } from '../../lib/artifacts/open.js';
import type { NodeResult } from '../../schemas/node.js';

const spec = path.resolve('test/fixtures/specs/tiny.yaml');
const homes: string[] = [];

/** The activities as a fresh process would see them, on a folder store of their own. */
async function freshProcess(home: string) {
  vi.resetModules();
  vi.stubEnv('LCOMS_HOME', home);
  const { loadSpec } = await import('../../activities/dag/load-spec.js');
  const { makeRunPlan, planNodes } = await import('../../activities/dag/plan-run.js');
  const { openEnvironment } = await import('../../activities/environment.js');
  const { executeNode } = await import('../../activities/execute-node.js');
  const { writePlan } = await import('../../activities/run-files.js');
  const env = await openEnvironment();
  const nodes = await planNodes(loadSpec(spec).spec, env.registry, spec, env.store);
  const run = { runId: 'r', specFile: spec, createdAt: new Date(0).toISOString(), lcoms: 'test' };
  await writePlan(env.store.store, makeRunPlan(loadSpec(spec).spec, env.registry, nodes, run));
  const keys = new Map<string, string>();
  return async (nodeId: string, hooks: Partial<NodeHooks> = {}): Promise<NodeResult> => {
    const node = nodes.find((n) => n.id === nodeId);
    const inputs = Object.fromEntries(
      Object.entries(node?.needs ?? {}).map(([name, from]) => [name, keys.get(String(from)) ?? '']),
    );
    const quiet = { signal: new AbortController().signal, attempt: 1, tick: () => undefined, log: () => undefined };
    const result = await executeNode({ runId: 'r', nodeId, inputs }, { ...quiet, ...hooks });
    keys.set(nodeId, result.key);
    return result;
  };
}

async function newHome(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'lcoms-resume-'));
  homes.push(home);
  return home;
}

afterAll(async () => {
  vi.unstubAllEnvs();
  for (const home of homes) await rm(home, { recursive: true, force: true });
});

/** What a node reported in the run of a home: how its attempts ended and from where they went on, and all as one. */
async function recorded(nodeId: string, home: string) {
  const { readNodeMetrics } = await import('../../activities/metrics/read-metrics.js');
  const found = await readNodeMetrics(openStore(path.join(home, 'store'), {}), 'r', nodeId);
  return {
    attempts: found?.attempts.map(({ end, resumedFrom }) => [end?.state, resumedFrom]),
    joined: found?.rows ?? [],
  };
}

/** Ends the node at its n-th sign of progress, as a cancel or a stopped worker would. */
function endAtTick(n: number): Partial<NodeHooks> {
  const abort = new AbortController();
  let ticks = 0;
  return {
    signal: abort.signal,
    tick: () => {
      if (++ticks === n) abort.abort(new Error('ended by the test'));
    },
  };
}

it('that could not begin lets the next attempt of its own process in', async () => {
  const process = await freshProcess(await newHome());
  const folder = os.tmpdir();
  vi.stubEnv('TMPDIR', path.join(folder, 'lcoms-nowhere'));
  await expect(process('data')).rejects.toThrow('ENOENT');
  vi.stubEnv('TMPDIR', folder);
  const waited: string[] = [];
  expect((await process('data', { attempt: 2, log: (line) => waited.push(line) })).cached).toBe(false);
  expect(waited).not.toContain('another run makes the same at the moment: waiting for its result');
});

describe('a node that is ended and run again by another process', () => {
  it('goes on from its checkpoint in the store and gives the same artifacts', async () => {
    const undisturbedHome = await newHome();
    const undisturbed = await freshProcess(undisturbedHome);
    const expected = [];
    for (const id of ['data', 'encoder', 'latents', 'surrogate']) expected.push(await undisturbed(id));

    const home = await newHome();
    const first = await freshProcess(home);
    await first('data');
    await expect(first('encoder', endAtTick(12))).rejects.toThrow('ended by the test');

    const second = await freshProcess(home);
    expect((await second('data')).cached).toBe(true);
    const log: string[] = [];
    const encoder = await second('encoder', { attempt: 2, log: (line) => log.push(line) });
    expect(log.some((line) => line.startsWith('goes on from checkpoint'))).toBe(true);
    // What the first logged after its checkpoint was logged again, and is there once.
    const rows = await recorded('encoder', home);
    expect(rows.attempts).toEqual([
      ['stopped', null],
      ['succeeded', expect.any(Number)],
    ]);
    expect(rows.joined).toEqual((await recorded('encoder', undisturbedHome)).joined);
    expect(rows.joined.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    await second('latents');
    const broken = {
      tick: () => {
        throw new Error('lost');
      },
    };
    await expect(second('surrogate', broken)).rejects.toThrow('lost');
    const surrogate = await second('surrogate');
    // The attempt that failed keeps what it reported, and none of it is part of the training.
    const trained = await recorded('surrogate', home);
    expect(trained.attempts).toEqual([
      ['failed', null],
      ['succeeded', null],
    ]);
    expect(trained.joined.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect([encoder.artifact, surrogate.artifact]).toEqual([expected[1]?.artifact, expected[3]?.artifact]);
  }, 120_000);

  it('makes a result anew whose blobs were deleted', async () => {
    const home = await newHome();
    const run = await freshProcess(home);
    const made = await run('data');
    await rm(path.join(home, 'store', 'blobs'), { recursive: true });
    // The plan's own blob, the data file, is part of what was deleted: planning again puts it back.
    const again = await freshProcess(home);
    const remade = await again('data');
    expect(remade.cached).toBe(false);
    expect(remade.artifact).toEqual(made.artifact);
  }, 60_000);
});
