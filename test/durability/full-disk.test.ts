import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findTemporalCli } from '../../infra/tools/index.js';
import { emptyFolder } from '../cli/lcoms.js';
import { KILLS, Machine } from './rig.js';

/** A disk of two megabytes; null where this user may not mount one. */
function smallDisk(): string | null {
  const folder = path.join(emptyFolder(), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  // After that of the folder around it, so it runs before.
  afterAll(() => {
    execFileSync('umount', ['-l', folder]);
  });
  return folder;
}

const disk = process.platform === 'linux' && (await findTemporalCli()) !== null ? smallDisk() : null;
if (disk === null) console.warn('tests with a full disk are skipped: they need to mount a tmpfs');

/** Leaves so many bytes free. */
function fill(folder: string, free: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const filler = path.join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - free));
  return filler;
}

test.skipIf(disk === null)(
  'a full disk ends a run with what to do; with space again, it goes on',
  async () => {
    const folder = disk as string;
    const machine = new Machine({ LCOMS_STORE: path.join(folder, 'store') });
    const filler = fill(folder, 160_000);
    const { code, document } = await machine.json<{ runId: string; error: { code: string; hint: string } }>(
      ['run', KILLS],
      { LCOMS_ATTEMPTS: '3' },
    );
    expect(document.error).toMatchObject({ code: 'LCOMS_E_STORE', hint: expect.stringContaining('disk is full') });
    expect(code).toBe(3);
    // Nothing half-written is left beside what was written whole.
    const left = readdirSync(path.join(folder, 'store'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => path.basename(name).startsWith('.tmp-'))).toEqual([]);
    rmSync(filler);
    const resumed = await machine.json<{ state: string }>(['resume', document.runId]);
    expect(resumed.document.state).toBe('succeeded');
  },
  300_000,
);

test.skipIf(disk === null)(
  'a disk that is full for a while is waited for',
  async () => {
    const folder = disk as string;
    rmSync(path.join(folder, 'store'), { recursive: true, force: true });
    const machine = new Machine({ LCOMS_STORE: path.join(folder, 'store') });
    const filler = fill(folder, 160_000);
    const running = machine.start(['run', KILLS]);
    await machine.logs(/attempt \d+ failed: LCOMS_E_STORE .*ENOSPC/);
    rmSync(filler);
    expect((await running.finished).code).toBe(0);
  },
  300_000,
);
