import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ase } from '../../../../plugins/scorers/ase/index.js';
import { testContext } from '../../../../plugins/testing/test-context.js';
import { LcomsError } from '../../../../schemas/errors.js';
import { until } from '../../../infra/temporal/rig.js';
import { canScore, cases, PythonRig } from './rig.js';

test('without a server there is no worker either, and the error says how to start one', async () => {
  const error = await Promise.resolve(ase.create(ase.options.parse({}), testContext())).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'LCOMS_E_NO_WORKER', exitCode: 3 });
  expect((error as LcomsError).hint).toContain('lcoms worker --queues score-python');
});

describe.skipIf(!canScore)('deaths', () => {
  let rig: PythonRig;
  beforeEach(async () => {
    rig = await PythonRig.start();
  });
  afterEach(() => rig.close());
  const batch = cases.slice(0, 6);

  test('without a worker: at once, and the error says how to start one', async () => {
    const error = await rig.scorer().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LCOMS_E_NO_WORKER' });
    expect((error as LcomsError).hint).toContain('lcoms worker --queues score-python');
  });

  test('a worker killed in the middle of a batch: another one goes on with the structure that was under way', async () => {
    const first = await rig.worker();
    const scorer = await rig.scorer({ calculator: 'slow' });
    const answer = scorer.evaluate(batch.map(({ crystal }) => crystal));
    await until(() => rig.counted().length >= 2, 'two structures');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const before = rig.counted();
    expect(before.length).toBeLessThan(batch.length);
    const second = await rig.worker();
    const results = await answer;
    batch.forEach(({ energy, name }, i) => {
      const result = results[i];
      expect(result, name).not.toBeInstanceOf(LcomsError);
      expect((result as { energy: number }).energy, name).toBeCloseTo(energy, 9);
    });
    const counted = rig.counted();
    expect(new Set(counted.map(({ pid }) => pid))).toEqual(new Set([first.pid, second.pid]));
    // Each once. Only the last before the kill may come again: it can have been done without having been told.
    const again = counted.slice(before.length).filter(({ volume }) => before.some((b) => b.volume === volume));
    expect(again.length).toBeLessThanOrEqual(1);
    if (again.length === 1) expect(again[0]?.volume).toBe(before.at(-1)?.volume);
    expect(counted).toHaveLength(batch.length + again.length);
    await scorer.dispose();
  });

  test('a scorer that is gone finds its batch again, and finished batches are remembered', async () => {
    await rig.worker();
    const abandoned = await rig.scorer({ calculator: 'slow' });
    const lost = abandoned.evaluate(batch.map(({ crystal }) => crystal)).catch(() => undefined);
    await until(() => rig.counted().length >= 1, 'a structure');
    // Without its connection it is as good as dead; the batch goes on.
    await abandoned.dispose();
    const scorer = await rig.scorer({ calculator: 'slow' });
    const results = await scorer.evaluate(batch.map(({ crystal }) => crystal));
    expect(await scorer.evaluate(batch.map(({ crystal }) => crystal))).toEqual(results);
    expect(rig.counted()).toHaveLength(batch.length);
    await scorer.dispose();
    await lost;
  });

  test('a cancel ends the wait, and the batch', async () => {
    await rig.worker();
    const abort = new AbortController();
    const scorer = await rig.scorer({ calculator: 'slow' }, abort.signal);
    const answer = scorer.evaluate(batch.map(({ crystal }) => crystal)).catch((e: unknown) => e);
    await until(() => rig.counted().length >= 1, 'a structure');
    abort.abort(new Error('cancelled'));
    expect(await answer).toMatchObject({ message: 'cancelled' });
    await scorer.dispose();
    // The next scorer's question is answered before the rest of the batch could have been.
    const after = await rig.scorer({ calculator: 'emt' });
    await after.evaluate([cases[6]?.crystal as (typeof cases)[0]['crystal']]);
    expect(rig.counted().length).toBeLessThan(batch.length);
    await after.dispose();
  });

  test('a structure over its time limit is an error of its own; the worker ends, as its thread can not be', async () => {
    const worker = await rig.worker();
    const scorer = await rig.scorer({ calculator: 'hurried' });
    const answer = scorer.evaluate([cases[0]?.crystal as (typeof cases)[0]['crystal']]);
    expect(await worker.exited).toMatchObject({ code: 3 });
    await rig.worker();
    expect((await answer)[0]).toMatchObject({
      code: 'LCOMS_E_CALCULATOR',
      message: 'ase/hurried took longer than its time-limit of 0.5 s',
    });
    await scorer.dispose();
  });
});
