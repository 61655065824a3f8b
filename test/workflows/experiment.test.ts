import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasServer, isAlive, node, quick, Rig, until } from '../infra/temporal/rig.js';

describe.skipIf(!hasServer)('an experiment', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start();
    await rig.worker();
  });
  afterAll(() => rig.close());

  test('runs every node after all that it needs, and independent ones side by side', async () => {
    for (const id of ['left', 'right']) rig.behave(id, { steps: 40, stepMs: 100 });
    rig.behave('join', { cached: true });
    await rig.client.start(
      'dag',
      [
        node('join', { a: 'left', all: ['left', 'right'] }),
        node('left', { d: 'top' }),
        node('right', { d: 'top' }),
        node('top'),
      ],
      { timeouts: quick },
    );
    const outcome = await rig.client.result('dag');
    expect(outcome).toEqual({ runId: 'dag', state: 'succeeded', nodes: { succeeded: 3, cached: 1 }, error: null });

    const at = (id: string, event: string): number => rig.events(id).find((e) => e.event === event)?.time ?? Number.NaN;
    expect(at('top', 'end')).toBeLessThanOrEqual(at('left', 'start'));
    expect(at('left', 'start')).toBeLessThan(at('right', 'end'));
    expect(at('right', 'start')).toBeLessThan(at('left', 'end'));
    expect(at('join', 'start')).toBeGreaterThanOrEqual(Math.max(at('left', 'end'), at('right', 'end')));
    const status = await rig.status('dag');
    const key = (id: string): string | null | undefined => status.nodes.find((n) => n.id === id)?.key;
    expect(rig.events('join')[0]?.inputs).toEqual({ a: key('left'), all: [key('left'), key('right')] });
    expect(status.state).toBe('succeeded');
    expect(status.nodes.map((n) => [n.id, n.state])).toEqual([
      ['join', 'cached'],
      ['left', 'succeeded'],
      ['right', 'succeeded'],
      ['top', 'succeeded'],
    ]);
  });

  test('is one run however often it is started, and a new one when it is to start again', async () => {
    await rig.client.start('twice', [node('once')], { timeouts: quick });
    await rig.client.start('twice', [node('once')], { timeouts: quick });
    await rig.client.result('twice');
    await rig.client.start('twice', [node('once')], { timeouts: quick });
    expect((await rig.client.result('twice')).state).toBe('succeeded');
    expect(rig.events('once').filter((e) => e.event === 'start')).toHaveLength(1);
    await rig.client.start('twice', [node('once')], { timeouts: quick, again: true });
    await rig.client.result('twice');
    expect(rig.events('once').filter((e) => e.event === 'start')).toHaveLength(2);
  });

  test('a bad input fails at once, with its code and words; what does not need it goes on', async () => {
    rig.behave('bad', { bad: 'LCOMS_E_DATA_EMPTY', badAttempts: 99, message: 'no rows are left' });
    rig.behave('slow', { steps: 20, stepMs: 30 });
    await rig.client.start(
      'failing',
      [node('bad'), node('after', { x: 'bad' }), node('slow'), node('after-slow', { x: 'slow' })],
      { timeouts: quick },
    );
    const outcome = await rig.client.result('failing');
    expect(outcome.state).toBe('failed');
    expect(outcome.error).toEqual({
      code: 'LCOMS_E_DATA_EMPTY',
      message: 'no rows are left',
      hint: 'Mend it.',
      where: 'node bad: spec.yaml -> data',
    });
    const status = await rig.status('failing');
    expect(status.error).toEqual(outcome.error);
    expect(status.nodes.map((n) => [n.id, n.state, n.attempt])).toEqual([
      ['bad', 'failed', 1],
      ['after', 'cancelled', 0],
      ['slow', 'succeeded', 1],
      ['after-slow', 'succeeded', 1],
    ]);
    expect(status.nodes[0]?.error?.message).toBe('no rows are left');
  });

  test('a passing trouble is tried again and the attempts are counted; a defect is not tried ten times', async () => {
    rig.behave('flaky', { bad: 'LCOMS_E_STORE', badAttempts: 2 });
    rig.behave('defect', { bad: 'defect', badAttempts: 99 });
    await rig.client.start('retry', [node('flaky'), node('defect')], { timeouts: quick });
    expect((await rig.client.result('retry')).error).toMatchObject({
      code: 'LCOMS_E_INTERNAL',
      message: 'TypeError: not a function',
    });
    const { nodes } = await rig.status('retry');
    expect(nodes.map((n) => [n.state, n.attempt])).toEqual([
      ['succeeded', 3],
      ['failed', 3],
    ]);
  });

  test('a compute process that dies or hangs is replaced and the node tried again', async () => {
    rig.behave('dies', { bad: 'die', badAttempts: 1 });
    rig.behave('hangs', { bad: 'hang', badAttempts: 1 });
    rig.behave('always-dies', { bad: 'die', badAttempts: 99 });
    await rig.client.start('crash', [node('dies'), node('hangs', {}, 'cpu'), node('always-dies')], {
      timeouts: { ...quick, maximumAttempts: 2 },
    });
    const outcome = await rig.client.result('crash');
    expect(outcome.error).toMatchObject({ code: 'LCOMS_E_COMPUTE_DIED', where: 'node always-dies' });
    expect(outcome.error?.message).toMatch(/ended with exit code 7.*\nthe last words/s);
    expect((await rig.status('crash')).nodes.map((n) => [n.state, n.attempt])).toEqual([
      ['succeeded', 2],
      ['succeeded', 2],
      ['failed', 2],
    ]);
    const hung = rig.events('hangs')[0]?.pid as number;
    expect(isAlive(hung)).toBe(false);
  });

  test('SIGKILL of the compute process in the middle: the second attempt finishes', async () => {
    rig.behave('victim', { steps: 40, stepMs: 50 });
    await rig.client.start('kill-child', [node('victim', {}, 'cpu')], { timeouts: quick });
    const [first] = await until(() => (rig.events('victim').length > 0 ? rig.events('victim') : null), 'the victim');
    process.kill(first?.pid as number, 'SIGKILL');
    rig.behave('victim', {});
    expect((await rig.client.result('kill-child')).state).toBe('succeeded');
    expect((await rig.status('kill-child')).nodes[0]?.attempt).toBe(2);
  });

  test('a cancel ends the process, skips the rest, and is recorded', async () => {
    rig.behave('long', { steps: 2_000, stepMs: 50 });
    await rig.client.start('cancel', [node('long', {}, 'cpu'), node('rest', { x: 'long' })], {
      timeouts: quick,
    });
    const live = await until(
      async () => (await rig.client.liveNodes('cancel')).find((n) => n.progress !== null),
      'progress',
    );
    expect(live).toMatchObject({
      id: 'long',
      state: 'running',
      attempt: 1,
      lastError: null,
      progress: { total: 2_000, unit: 'steps' },
    });
    expect((await rig.client.status('cancel'))?.nodes.map((n) => n.state)).toEqual(['running', 'queued']);
    await rig.client.cancel('cancel');
    expect((await rig.client.result('cancel')).state).toBe('cancelled');
    expect(rig.events('long').at(-1)?.event).toBe('aborted');
    expect(isAlive(rig.events('long')[0]?.pid as number)).toBe(false);
    const status = await rig.status('cancel');
    expect([status.state, ...status.nodes.map((n) => n.state)]).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  test('refuses a circle, an unknown need and too many nodes with words', async () => {
    const fails = async (id: string, nodes: Parameters<typeof rig.client.start>[1]): Promise<string | undefined> => {
      await rig.client.start(id, nodes);
      const { state, error } = await rig.client.result(id);
      expect([state, error?.code]).toEqual(['failed', 'LCOMS_E_DAG']);
      return error?.message;
    };
    expect(await fails('circle', [node('a', { x: 'b' }), node('b', { x: 'a' })])).toMatch(/a, b need each other/);
    expect(await fails('unknown', [node('a', { x: 'nobody' })])).toMatch(/node a needs nobody/);
    const many = Array.from({ length: 4_001 }, (_, i) => node(`n${i}`));
    expect(await fails('many', many)).toMatch(/4001 nodes; a workflow holds at most 4000/);
  });

  test('lists the runs of its store', async () => {
    await rig.client.start('listed', [node('quick')], { timeouts: quick });
    await rig.client.result('listed');
    const found = await until(
      async () => (await rig.client.list()).find((r) => r.runId === 'listed' && r.state === 'succeeded'),
      'the list',
    );
    expect(found.closedAt).toBeInstanceOf(Date);
    expect(await rig.client.state('listed')).toBe('succeeded');
    expect(await rig.client.state('nobody')).toBeNull();
    await expect(rig.client.result('nobody')).rejects.toMatchObject({ code: 'LCOMS_E_NOT_FOUND' });
  });
});
