import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findTemporalCli } from '../../infra/tools/index.js';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, ROOT, type Running, start } from './lcoms.js';

const SPEC = path.join(ROOT, 'test', 'fixtures', 'specs', 'kills.yaml');
/** Only the trainings of the default pipeline, with checkpoints every few batches. */
const QUICK = { LCOMS_CHECKPOINT_STEPS: '4', LCOMS_CHECKPOINT_SECONDS: '1000', LCOMS_RETRY_MS: '100' };
const hasServer = (await findTemporalCli()) !== null;

interface Shown {
  state: string;
  nodes: { id: string; state: string; attempt: number; artifact: { digest: string } | null }[];
}

const logOf = (home: string): string => {
  const folder = path.join(home, '.lcoms', 'logs', 'runs');
  return readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('');
};
const idOf = (running: Running): string => /(kills-\S+): \d+ steps/.exec(running.text())?.[1] ?? '';

async function digestsOf(home: string, runId: string): Promise<Record<string, string | undefined>> {
  const { document } = await lcomsJson<Shown>(home, ['show', runId]);
  return Object.fromEntries(document.nodes.map(({ id, artifact }) => [id, artifact?.digest]));
}

/** A run in the foreground whose encoder has written a checkpoint. */
async function training(home: string): Promise<{ running: Running; runId: string }> {
  const running = start(home, ['run', SPEC], QUICK);
  await running.prints(/Ctrl-C interrupts/);
  const deadline = Date.now() + 60_000;
  while (!/encoder checkpoint at step \d+: written/.test(logOf(home)) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { running, runId: idOf(running) };
}

test.skipIf(!hasServer)(
  'paused, cancelled, and resumed to the same bytes; forked from its checkpoint',
  async () => {
    const home = emptyFolder();
    const { running, runId } = await training(home);

    const paused = await lcomsJson<{ state: string }>(home, ['pause', runId], QUICK);
    expect(paused.document.state).toBe('paused');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(`lcoms resume ${runId}`);
    const held = await lcomsJson<Shown>(home, ['show', runId], QUICK);
    expect(held.document.state).toBe('paused');
    expect(held.document.nodes.find(({ id }) => id === 'encoder')?.state).toBe('paused');
    expect(held.document.nodes.find(({ id }) => id === 'report')?.state).toBe('paused');
    // Its last act was a checkpoint.
    const lines = logOf(home)
      .split('\n')
      .filter((line) => / encoder /.test(line));
    expect(lines.at(-1)).toMatch(/checkpoint at step \d+: written/);
    expect((await lcomsJson<{ state: string }>(home, ['pause', runId], QUICK)).document.state).toBe('paused');

    // A training whose options may not change says which, and starts nothing.
    const refused = await lcoms(home, ['fork', runId, '--set', 'encoder.with.latentDimension=4']);
    expectOneScreen(refused, 'LCOMS_E_CHECKPOINT_INCOMPATIBLE');
    expect(refused.stderr).toContain('encoder: plugin.options.latentDimension was 8, now 4');
    expect(refused.code).toBe(2);

    // The run goes on, and a cancel ends it at once.
    const before = logOf(home).length;
    const again = start(home, ['resume', runId], QUICK);
    const deadline = Date.now() + 60_000;
    while (!/goes on from checkpoint/.test(logOf(home).slice(before)) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const cancelled = await lcomsJson<{ state: string }>(home, ['cancel', runId], QUICK);
    expect(cancelled.document.state).toBe('cancelled');
    expect((await again.finished).code).toBe(4);
    expect((await lcomsJson<{ state: string }>(home, ['cancel', runId], QUICK)).document.state).toBe('cancelled');
    expect((await lcomsJson<Shown>(home, ['show', runId])).document.state).toBe('cancelled');

    const done = await lcomsJson<{ state: string }>(home, ['resume', runId], QUICK);
    expect(done.document.state).toBe('succeeded');
    const digests = await digestsOf(home, runId);
    expect((await lcomsJson<{ state: string }>(home, ['cancel', runId], QUICK)).document.state).toBe('succeeded');
    expect((await lcomsJson<{ state: string }>(home, ['retry', runId, '--failed'], QUICK)).document.state).toBe(
      'succeeded',
    );

    const calm = emptyFolder();
    const undisturbed = await lcomsJson<{ runId: string }>(calm, ['run', SPEC], QUICK);
    expect(digests).toEqual(await digestsOf(calm, undisturbed.document.runId));

    // More epochs of the surrogate: from the parent's checkpoint, to the bytes of a training with as many from the start.
    const more = ['--set', 'surrogate.with.epochs=320'];
    const forked = await lcomsJson<{ runId: string; state: string }>(home, ['fork', runId, ...more], QUICK);
    expect(forked.document.state).toBe('succeeded');
    expect(logOf(home)).toMatch(/surrogate goes on from checkpoint \S+ of the run that this one was forked from/);
    const whole = await lcomsJson<{ runId: string }>(calm, ['run', SPEC, ...more], {
      ...QUICK,
      LCOMS_CHECKPOINT_STEPS: '',
    });
    expect(await digestsOf(home, forked.document.runId)).toEqual(await digestsOf(calm, whole.document.runId));
  },
  400_000,
);

test.skipIf(!hasServer)(
  'nobody at work: pause and cancel settle the record',
  async () => {
    const home = emptyFolder();
    const { running, runId } = await training(home);
    running.child.kill('SIGINT');
    await running.finished;
    expect((await lcomsJson<{ state: string }>(home, ['pause', runId])).document.state).toBe('paused');
    expect((await lcomsJson<{ state: string }>(home, ['cancel', runId])).document.state).toBe('cancelled');
    expect((await lcomsJson<{ state: string }>(home, ['pause', runId])).document.state).toBe('cancelled');
    const misused = await lcoms(home, ['retry', runId]);
    expectOneScreen(misused, 'LCOMS_E_USAGE');
    expect((await lcomsJson<{ state: string }[]>(home, ['ls'])).document).toMatchObject([{ state: 'cancelled' }]);
  },
  120_000,
);
