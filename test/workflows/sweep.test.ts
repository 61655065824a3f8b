import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readStatus } from '../../activities/run-files.js';
import { readSweepStatus, readTrial, writeSweepPlan } from '../../activities/sweep/sweep-files.js';
import { sweepWorkflowId } from '../../infra/temporal/sweep-client.js';
import { openStore } from '../../lib/artifacts/open.js';
import { resolvedSweepSchema, type SweepPlan } from '../../schemas/sweep.js';
import { type SweepInput, type SweepLimits, trialId } from '../../workflows/sweep-contract.js';
import { env, hasServer, quick, Rig, until } from '../infra/temporal/rig.js';

const LIMITS: Omit<SweepLimits, 'trials'> = {
  concurrency: 3,
  cpuSeconds: null,
  target: null,
  goal: 'minimize',
  failures: null,
  failFast: false,
};

describe.skipIf(!hasServer)('a sweep', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
    await rig.worker();
  });
  afterAll(() => rig.close());

  const store = () => openStore(rig.storeUrl, env);

  /** Starts a sweep of so many trials of one node. */
  async function launch(name: string, trials: number, limits = {}, options: Partial<SweepInput> = {}): Promise<string> {
    const sweepId = `${name}-00000000`;
    const base = { apiVersion: 1, name, pipeline: [{ id: 'data', step: 'prepare-data' }] };
    const values = Array.from({ length: trials }, (_, i) => i);
    const plan: SweepPlan = {
      version: 1,
      sweepId,
      name,
      createdAt: '2026-01-01T00:00:00Z',
      hash: '0'.repeat(64),
      specFile: 'sweep.yaml',
      baseFile: 'sweep.yaml',
      spec: resolvedSweepSchema.parse({ apiVersion: 1, kind: 'sweep', name, base, axes: [{ path: 'seed', values }] }),
      files: {},
      trials,
    };
    await writeSweepPlan(store(), plan);
    await rig.client.sweeps.start(sweepId, { ...LIMITS, trials, ...limits }, { timeouts: quick, ...options });
    return sweepId;
  }

  const events = (sweepId: string, event: string) =>
    rig.events().filter((e) => e.run.startsWith(sweepId) && e.event === event);
  const runs = (sweepId: string, event: string): string[] => events(sweepId, event).map((e) => e.run);
  const states = async (sweepId: string, trials: number): Promise<(string | undefined)[]> =>
    Promise.all(Array.from({ length: trials }, async (_, i) => (await readTrial(store(), sweepId, i))?.state));

  test('runs every trial once, a window of them at a time, and records each', async () => {
    rig.behave('data', { steps: 5, stepMs: 40 });
    const sweepId = await launch('window', 8);
    const outcome = await rig.client.sweeps.result(sweepId);
    expect(outcome).toEqual({ sweepId, state: 'succeeded', counts: { succeeded: 8 }, stopped: null, error: null });
    expect(runs(sweepId, 'end').sort()).toEqual(Array.from({ length: 8 }, (_, i) => trialId(sweepId, i)));
    const all = [...events(sweepId, 'start'), ...events(sweepId, 'end')].sort((a, b) => a.time - b.time);
    let open = 0;
    for (const { event } of all) {
      open += event === 'start' ? 1 : -1;
      expect(open).toBeLessThanOrEqual(3);
    }
    expect(await states(sweepId, 8)).toEqual(Array(8).fill('succeeded'));
    expect(await readSweepStatus(store(), sweepId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 8 } });
  });

  test('is one however often it is started', async () => {
    const ids = await Promise.all([launch('twice', 4), launch('twice', 4)]);
    await rig.client.sweeps.result(ids[0]);
    expect(runs(ids[0], 'start')).toHaveLength(4);
  });

  test('records a short trial when it ends, and a long one while it runs', async () => {
    const short = await launch('short', 1, {}, { timeouts: { ...quick, statusInterval: 60_000 } });
    await rig.client.sweeps.result(short);
    const connection = await Connection.connect({ address: rig.temporal.address });
    const { workflow } = new Client({ connection });
    const { events } = await workflow.getHandle(`lcoms-run-${trialId(short, 0)}`).fetchHistory();
    const records = events?.filter(({ markerRecordedEventAttributes: marker }) =>
      marker?.markerName?.includes('local'),
    );
    expect(records).toHaveLength(1);
    await connection.close();
    expect(await readStatus(store(), trialId(short, 0))).toMatchObject({
      state: 'succeeded',
      nodes: [{ id: 'data', state: 'succeeded' }],
    });

    rig.behave('slow-00000000-00000.data', { steps: 400, stepMs: 50 });
    const slow = await launch('slow', 1);
    const seen = await until(async () => {
      const status = await readStatus(store(), trialId(slow, 0));
      return status?.nodes[0]?.state === 'running' ? status : null;
    }, 'a record of the trial under way');
    expect(seen.state).toBe('running');
    await rig.client.sweeps.cancel(slow);
    expect((await rig.client.sweeps.result(slow)).state).toBe('cancelled');
  });

  test('continues as new while its trials go on, and hears of their end', async () => {
    rig.behave('data', { steps: 10, stepMs: 30 });
    const sweepId = await launch('long', 12, {}, { maximumEvents: 30 });
    expect(await rig.client.sweeps.result(sweepId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 12 } });
    expect(runs(sweepId, 'start')).toHaveLength(12);
    const connection = await Connection.connect({ address: rig.temporal.address });
    const query = `WorkflowId = '${sweepWorkflowId(sweepId)}'`;
    const executions = await until(async () => {
      const { count } = await new Client({ connection }).workflow.count(query);
      return count > 2 ? count : null;
    }, 'several executions');
    expect(executions).toBeGreaterThan(2);
    await connection.close();
  });

  test('a trial that fails: the others go on, or no more begin, or all are cancelled', async () => {
    for (const name of ['goes-on', 'stops', 'fast']) {
      rig.behave(`${name}-00000000-00000.data`, { bad: 'LCOMS_E_DATA_EMPTY', badAttempts: 99 });
      rig.behave(`${name}-00000000-00001.data`, { steps: 200, stepMs: 50 });
    }
    rig.behave('goes-on-00000000-00001.data', {});
    rig.behave('stops-00000000-00001.data', { steps: 20, stepMs: 50 });
    const [goesOn, stops, fast] = await Promise.all([
      launch('goes-on', 5, { concurrency: 2 }),
      launch('stops', 40, { concurrency: 2, failures: 1 }),
      launch('fast', 40, { concurrency: 2, failures: 1, failFast: true }),
    ]);
    expect(await rig.client.sweeps.result(goesOn)).toMatchObject({
      state: 'failed',
      counts: { failed: 1, succeeded: 4 },
      error: { code: 'LCOMS_E_DATA_EMPTY' },
      stopped: null,
    });
    const stopped = await rig.client.sweeps.result(stops);
    expect(stopped).toMatchObject({ state: 'failed', stopped: '1 trial failed', counts: { failed: 1 } });
    expect((await states(stops, 2))[1]).toBe('succeeded');
    expect(runs(stops, 'start').length).toBeLessThan(40);
    const ended = await rig.client.sweeps.result(fast);
    expect(ended).toMatchObject({ state: 'failed', counts: { failed: 1 } });
    expect(ended.counts.cancelled).toBeGreaterThanOrEqual(1);
    expect(ended.counts.succeeded ?? 0).toBe(0);
    expect((await states(fast, 2))[1]).toBe('cancelled');
    // What failed is tried again by the next launch, and then the rest is done.
    rig.behave('stops-00000000-00000.data', {});
    await launch('stops', 40, { concurrency: 4 });
    expect(await rig.client.sweeps.result(stops)).toMatchObject({ state: 'succeeded', counts: { succeeded: 40 } });
  });

  test('a budget of trials is kept, and a larger one goes on', async () => {
    rig.behave('data', {});
    const sweepId = await launch('budget', 6, { trials: 2 });
    expect(await rig.client.sweeps.result(sweepId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 2 } });
    expect(runs(sweepId, 'start').sort()).toEqual([trialId(sweepId, 0), trialId(sweepId, 1)]);
  });

  test('a cancel ends its trials and is recorded', async () => {
    rig.behave('data', { steps: 400, stepMs: 50 });
    const sweepId = await launch('cancelled', 9);
    await until(() => events(sweepId, 'start').length >= 3, 'three trials');
    await rig.client.sweeps.cancel(sweepId);
    expect((await rig.client.sweeps.result(sweepId)).state).toBe('cancelled');
    expect(await readSweepStatus(store(), sweepId)).toMatchObject({ state: 'cancelled', counts: { cancelled: 3 } });
    expect(await states(sweepId, 4)).toEqual(['cancelled', 'cancelled', 'cancelled', undefined]);
  });

  test('SIGKILL of the worker: another one goes on, and every trial ends once', async () => {
    rig.behave('data', { steps: 10, stepMs: 50 });
    const sweepId = await launch('killed', 6);
    await until(() => events(sweepId, 'end').length >= 1, 'the first end');
    for (const worker of rig.workers.splice(0)) process.kill(worker.pid, 'SIGKILL');
    await rig.worker();
    expect(await rig.client.sweeps.result(sweepId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 6 } });
    expect(new Set(runs(sweepId, 'end')).size).toBe(6);
  }, 180_000);
});
