import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findTemporalCli } from '../../infra/tools/index.js';
import { TINY_DATA, TINY_MODEL } from '../cli/lcoms.js';
import { Machine } from './rig.js';

const hasServer = (await findTemporalCli()) !== null;

interface Standing {
  state: string;
  trials: { runId: string; state: string }[];
}

test.skipIf(!hasServer)(
  'a sweep is paused, cancelled and resumed; what it made is the same as made at once',
  async () => {
    const machine = new Machine();
    for (const file of [TINY_MODEL, TINY_DATA]) cpSync(file, path.join(machine.folder, path.basename(file)));
    // Long enough to be paused on a machine with nothing else to do.
    const axis = '{path: surrogate.with.epochs, values: [1000, 1010, 1020]}';
    const spec = `apiVersion: 1\nkind: sweep\nname: held\nbase: tiny-model.yaml\naxes: [${axis}]\nconcurrency: 1\n`;
    writeFileSync(path.join(machine.folder, 'held.yaml'), spec);
    const running = machine.start(['sweep', 'held.yaml']);
    await running.prints(/held-[0-9a-f]{8}: 3 trials/);
    const sweepId = /held-[0-9a-f]{8}/.exec(running.text())?.[0] ?? '';
    const held = async (verb: string): Promise<string> =>
      (await machine.json<{ state: string }>([verb, sweepId])).document.state;
    const shown = async (): Promise<Standing> => (await machine.json<Standing>(['show', sweepId])).document;

    await machine.logs(/surrogate#\d+ checkpoint at step \d+: written/);
    expect(await held('pause')).toBe('paused');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain(`lcoms resume ${sweepId}`);
    const { state, trials } = await shown();
    expect(state).toBe('paused');
    expect(trials[0]?.state).toBe('paused');
    expect(trials[2]?.state).toBe('queued');
    expect(await held('pause')).toBe('paused');

    const before = machine.log().length;
    const again = machine.start(['resume', sweepId]);
    await machine.logs(new RegExp(`^[^]{${before}}[^]*surrogate#\\d+ (goes on from checkpoint|checkpoint at)`));
    expect(await held('cancel')).toBe('cancelled');
    expect((await again.finished).code).toBe(4);
    expect((await shown()).state).toBe('cancelled');
    expect((await shown()).trials[2]?.state).not.toBe('succeeded');
    expect(await held('cancel')).toBe('cancelled');
    expect(await held('pause')).toBe('cancelled');

    const done = await machine.json<Standing>(['resume', sweepId]);
    expect(done.document.state).toBe('succeeded');
    expect(done.document.trials.map((trial) => trial.state)).toEqual(Array(3).fill('succeeded'));
    expect(await held('cancel')).toBe('succeeded');
    const reproduced = await machine.json<{ same: boolean; surroundings: unknown[] }>([
      'reproduce',
      trials[0]?.runId ?? '',
    ]);
    expect(reproduced.document).toMatchObject({ same: true, surroundings: [] });
  },
  600_000,
);

test.skipIf(!hasServer)(
  'a sweep that nobody works on is paused and cancelled in its record',
  async () => {
    const machine = new Machine();
    for (const file of [TINY_MODEL, TINY_DATA]) cpSync(file, path.join(machine.folder, path.basename(file)));
    const spec =
      'apiVersion: 1\nkind: sweep\nname: alone\nbase: tiny-model.yaml\naxes: [{path: seed, values: [0, 1]}]\n';
    writeFileSync(path.join(machine.folder, 'alone.yaml'), spec);
    const running = machine.start(['sweep', 'alone.yaml']);
    await running.prints(/alone-[0-9a-f]{8}: 2 trials/);
    const sweepId = /alone-[0-9a-f]{8}/.exec(running.text())?.[0] ?? '';
    running.child.kill('SIGINT');
    await running.finished;
    for (const [verb, state] of [
      ['pause', 'paused'],
      ['cancel', 'cancelled'],
      ['pause', 'cancelled'],
    ])
      expect((await machine.json<{ state: string }>([verb as string, sweepId])).document.state).toBe(state);
    expect((await machine.json<{ state: string }[]>(['ls'])).document).toMatchObject([{ state: 'cancelled' }]);
  },
  300_000,
);
