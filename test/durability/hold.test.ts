import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { findTemporalCli } from '../../infra/tools/index.js';
import { expectOneScreen, type Running, TINY_MODEL } from '../cli/lcoms.js';
import { signalAll } from '../support/processes.js';
import { KILLS, Machine, runIdOf } from './rig.js';

const hasServer = (await findTemporalCli()) !== null;

interface Shown {
  state: string;
  nodes: { id: string; state: string }[];
}

/** An encoder that trains long enough to be paused, on a machine with nothing else to do too. */
const SPEC = [KILLS, '--set', 'encoder.with.epochs=40'];

/** A run in the foreground whose encoder has written a checkpoint. */
async function training(machine: Machine): Promise<{ running: Running; runId: string }> {
  const running = machine.start(['run', ...SPEC]);
  await machine.logs(/encoder#\d+ checkpoint at step \d+: written/);
  return { running, runId: runIdOf(running) };
}

test.skipIf(!hasServer)(
  'paused, cancelled, and resumed to the same bytes; forked from its checkpoint',
  async () => {
    const machine = new Machine();
    const { running, runId } = await training(machine);

    const paused = await machine.json<{ state: string }>(['pause', runId]);
    expect(paused.document.state).toBe('paused');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(`lcoms resume ${runId}`);
    const held = await machine.json<Shown>(['show', runId]);
    expect(held.document.state).toBe('paused');
    expect(held.document.nodes.find(({ id }) => id === 'encoder')?.state).toBe('paused');
    expect(held.document.nodes.find(({ id }) => id === 'report')?.state).toBe('paused');
    // Its last act was a checkpoint.
    const lines = machine
      .log()
      .split('\n')
      .filter((line) => / encoder#\d+ /.test(line));
    expect(lines.at(-1)).toMatch(/checkpoint at step \d+: written/);
    expect((await machine.json<{ state: string }>(['pause', runId])).document.state).toBe('paused');

    // A training whose options may not change says which, and starts nothing.
    const refused = await machine.start(['fork', runId, '--set', 'encoder.with.latentDimension=4']).finished;
    expectOneScreen(refused, 'LCOMS_E_CHECKPOINT_INCOMPATIBLE');
    expect(refused.stderr).toContain('encoder: plugin.options.latentDimension was 8, now 4');
    expect(refused.code).toBe(2);

    // The run goes on, and a cancel ends it at once.
    const before = machine.log().length;
    const again = machine.start(['resume', runId]);
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(20))
      if (/goes on from checkpoint/.test(machine.log().slice(before))) break;
    const cancelled = await machine.json<{ state: string }>(['cancel', runId]);
    expect(cancelled.document.state).toBe('cancelled');
    expect((await again.finished).code).toBe(4);
    expect((await machine.json<{ state: string }>(['cancel', runId])).document.state).toBe('cancelled');
    expect((await machine.json<Shown>(['show', runId])).document.state).toBe('cancelled');

    const done = await machine.json<{ state: string }>(['resume', runId]);
    expect(done.document.state).toBe('succeeded');
    const digests = await machine.digests(runId);
    expect((await machine.json<{ state: string }>(['cancel', runId])).document.state).toBe('succeeded');
    expect((await machine.json<{ state: string }>(['retry', runId, '--failed'])).document.state).toBe('succeeded');

    const calm = new Machine();
    const undisturbed = await calm.json<{ runId: string }>(['run', ...SPEC]);
    expect(digests).toEqual(await calm.digests(undisturbed.document.runId));

    // More epochs of the surrogate: from the parent's checkpoint, to the bytes of a training with as many from the start.
    const more = ['--set', 'surrogate.with.epochs=150'];
    const forked = await machine.json<{ runId: string; state: string }>(['fork', runId, ...more]);
    expect(forked.document.state).toBe('succeeded');
    expect(machine.log()).toMatch(/surrogate#\d+ goes on from checkpoint \S+ of the run that this one was forked from/);
    const whole = await calm.json<{ runId: string }>(['run', ...SPEC, ...more], { LCOMS_CHECKPOINT_STEPS: '1000' });
    expect(await machine.digests(forked.document.runId)).toEqual(await calm.digests(whole.document.runId));
  },
  900_000,
);

test.skipIf(!hasServer)(
  'nobody at work: pause and cancel settle the record',
  async () => {
    const machine = new Machine();
    const { running, runId } = await training(machine);
    running.child.kill('SIGINT');
    await running.finished;
    expect((await machine.json<{ state: string }>(['pause', runId])).document.state).toBe('paused');
    expect((await machine.json<{ state: string }>(['cancel', runId])).document.state).toBe('cancelled');
    expect((await machine.json<{ state: string }>(['pause', runId])).document.state).toBe('cancelled');
    const misused = await machine.start(['retry', runId]).finished;
    expectOneScreen(misused, 'LCOMS_E_USAGE');
    expect((await machine.json<{ state: string }[]>(['ls'])).document).toMatchObject([{ state: 'cancelled' }]);
  },
  120_000,
);

test.skipIf(!hasServer || process.platform !== 'linux')(
  'what failed is tried again, from its checkpoint; what is done is found again',
  async () => {
    const machine = new Machine();
    const running = machine.start(['run', TINY_MODEL], { LCOMS_ATTEMPTS: '1' });
    await machine.logs(/encoder#1 checkpoint at step \d+: written/);
    signalAll(machine.processes('compute/process.js'), 'SIGKILL');
    const { code, stderr } = await running.finished;
    expect(code).toBe(4);
    expect(stderr).toContain('LCOMS_E_COMPUTE_DIED');
    const runId = (await machine.json<{ runId: string }[]>(['ls', '--state', 'failed'])).document[0]?.runId ?? '';
    expect((await machine.json<{ state: string }>(['retry', runId, '--failed'])).document.state).toBe('succeeded');
    expect(machine.log()).toMatch(/encoder#1 goes on from checkpoint/);
    const { document } = await machine.json<Shown>(['show', runId]);
    expect(document.nodes.map(({ id, state }) => [id, state])).toEqual([
      ['data', 'cached'],
      ['encoder', 'succeeded'],
      ['latents', 'succeeded'],
      ['surrogate', 'succeeded'],
    ]);
  },
  300_000,
);
