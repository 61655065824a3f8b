import { expect, test } from 'vitest';
import { findTemporalCli } from '../../infra/tools/index.js';
import { signalAll } from '../support/processes.js';
import { KILLS, Machine, runIdOf } from './rig.js';

const usable = (await findTemporalCli()) !== null && process.platform === 'linux';

interface Shown {
  state: string;
  nodes: { id: string; state: string; attempt: number }[];
}

test.skipIf(!usable)(
  'a worker that its command sees die is not waited for: its node begins again without any timeout',
  async () => {
    // An hour of silence is allowed: only who saw the worker die can know.
    const machine = new Machine({ LCOMS_HEARTBEAT_MS: '3600000' });
    const running = machine.start(['run', KILLS]);
    await machine.logs(/encoder#\d+ checkpoint at step \d+: written/);
    signalAll(machine.processes('worker/main.js'), 'SIGKILL');
    await machine.logs(/encoder#2 begins[^]*encoder#2 goes on from checkpoint/);
    expect((await running.finished).code).toBe(0);
    const { document } = await machine.json<Shown>(['show', runIdOf(running)]);
    expect(document.nodes.find(({ id }) => id === 'encoder')).toMatchObject({ state: 'succeeded', attempt: 2 });
  },
  300_000,
);

test.skipIf(!usable)(
  'a worker that nobody replaces leaves its run stale, not running',
  async () => {
    const machine = new Machine({ LCOMS_HEARTBEAT_MS: '2000' });
    const running = machine.start(['run', KILLS]);
    await machine.logs(/encoder#\d+ checkpoint at step \d+: written/);
    const runId = runIdOf(running);
    // The command itself sleeps: it would start another worker. The server stays.
    signalAll([running.child.pid as number], 'SIGSTOP');
    try {
      signalAll(machine.processes('worker/main.js'), 'SIGKILL');
      const stale = async (): Promise<boolean> => {
        const { document } = await machine.json<{ runId: string; state: string }[]>(['ls']);
        return document.find((run) => run.runId === runId)?.state === 'stale';
      };
      const deadline = Date.now() + 120_000;
      while (!(await stale())) if (Date.now() > deadline) throw new Error('it never was stale');
      const { document } = await machine.json<Shown>(['show', runId]);
      expect(document.state).toBe('stale');
      expect(document.nodes.find(({ id }) => id === 'encoder')?.state).toBe('stale');
    } finally {
      signalAll([running.child.pid as number], 'SIGCONT');
    }
    // Awake again, it sees what happened and goes on.
    expect((await running.finished).code).toBe(0);
  },
  300_000,
);
