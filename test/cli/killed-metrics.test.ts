import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFailed, test } from 'vitest';
import { emptyFolder, lcoms, lcomsJson, start, TINY_MODEL } from './lcoms.js';

const EPOCHS = 60;

/** Compute processes among all that descend from a process. */
function computeProcesses(root: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
    });
  const family = new Set([root]);
  for (let before = 0; family.size > before; ) {
    before = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.filter(({ pid, args }) => family.has(pid) && args.includes('compute/process.js')).map(({ pid }) => pid);
}

/** Lines that the first attempt at the encoder has recorded so far. */
function recordedLines(folder: string): number {
  const root = path.join(folder, '.lcoms', 'store', 'metrics');
  try {
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const file = files.find((name) => /encoder-[^/]*\/000001-0000\.jsonl$/.test(name));
    return file === undefined ? 0 : readFileSync(path.join(root, file), 'utf8').split('\n').length;
  } catch {
    return 0;
  }
}

test('a training whose process is killed keeps what it reported, and has every epoch once in the end', async () => {
  const folder = emptyFolder();
  const running = start(folder, ['run', TINY_MODEL, '--set', `encoder.with.epochs=${EPOCHS}`]);
  onTestFailed(() => console.error(running.text()));
  while (recordedLines(folder) < 8) {
    if (running.child.exitCode !== null) throw new Error(`the run ended before its kill: ${running.text()}`);
    await sleep(50);
  }
  for (const pid of computeProcesses(running.child.pid ?? 0)) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await running.finished;
  expect({ code, stderr }).toMatchObject({ code: 0 });

  const { document: shown } = await lcomsJson<{
    nodes: { id: string; attempts: { resumedFrom: number | null; end: { state: string } | null }[] }[];
  }>(folder, ['show', 'last']);
  const attempts = shown.nodes.find(({ id }) => id === 'encoder')?.attempts ?? [];
  expect(attempts.map(({ end }) => end?.state ?? null)).toEqual([null, 'succeeded']);
  expect(attempts[1]?.resumedFrom).toBeGreaterThan(0);

  const { document: rows } = await lcomsJson<{ node: string; name: string; value: number; kept: boolean }[]>(folder, [
    'export',
    'last',
    '--table',
    'metrics',
  ]);
  const epochs = rows.filter(({ node, name, kept }) => node === 'encoder' && name === 'epoch' && kept);
  expect(epochs.map(({ value }) => value)).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1));
  const log = (await lcoms(folder, ['logs', 'last', 'encoder'])).stdout;
  expect(log).toMatch(/encoder#1 attempt 1 failed: LCOMS_E_COMPUTE_DIED/);
  expect(log).toMatch(/encoder#2 goes on from checkpoint/);
}, 240_000);
