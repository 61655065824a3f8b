import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactStore } from '../../../lib/artifacts/artifact-store.js';
import { FsStore } from '../../../lib/artifacts/fs.js';
import { planGc } from '../../../lib/artifacts/gc.js';
import { hashJson } from '../../../lib/hashing/sha256.js';
import { collect } from './conformance.js';

const WRITER = fileURLToPath(new URL('../../support/artifact-writer.mjs', import.meta.url));

describe('a folder store that several processes write to', () => {
  let folder: string;
  const children: ChildProcessWithoutNullStreams[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lcoms-proc-'));
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** A writer, once it is ready; `output` resolves when it has ended. */
  async function start(mode: 'race' | 'many', label: string) {
    const child = spawn(process.execPath, [WRITER, folder, mode, label]);
    children.push(child);
    let [stdout, stderr] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    const output = new Promise<string>((resolve) => child.once('close', () => resolve(stdout)));
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk;
        if (stdout.startsWith('ready\n')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the writer ended with ${code}: ${stderr}`)));
    });
    return { child, output };
  }

  it('commits a node once, and every process goes on with that one', async () => {
    const writers = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((label) => start('race', label)));
    for (const { child } of writers) child.stdin.write('go\n');
    const results = (await Promise.all(writers.map(({ output }) => output))).map(
      (text) => JSON.parse(text.split('\n')[1] ?? '') as { created: boolean; winner: string },
    );
    expect(results.filter(({ created }) => created).length).toBe(1);
    expect(new Set(results.map(({ winner }) => winner)).size).toBe(1);
    const artifacts = new ArtifactStore(new FsStore(folder));
    const manifest = await artifacts.findCommitted(hashJson({ node: 1 }));
    expect(manifest?.provenance.lcoms).toBe(results[0]?.winner);
    if (manifest) await artifacts.verify(manifest);
  });

  it('has only whole results after its writers were killed in the middle', async () => {
    const store = new FsStore(folder);
    const artifacts = new ArtifactStore(store);
    let committed = 0;
    for (const [round, wait] of [40, 90, 170].entries()) {
      const writers = await Promise.all([start('many', `${round}`), start('many', `${round + 5}`)]);
      await sleep(wait);
      for (const { child } of writers) child.kill('SIGKILL');
      await Promise.all(writers.map(({ output }) => output));
      const manifests = await collect(store.list('manifests/'));
      expect(manifests.length).toBeGreaterThanOrEqual(Math.max(1, committed));
      committed = manifests.length;
      for (const { key } of manifests) {
        const manifest = await artifacts.findCommitted(path.basename(key, '.json'));
        expect(manifest).not.toBeNull();
        if (manifest) await artifacts.verify(manifest);
      }
    }
    // What the killed ones left is garbage, and gc knows it from what is committed.
    const plan = await planGc(store, { graceMs: -60_000 });
    expect(plan.delete.every(({ kind }) => kind !== 'checkpoint')).toBe(true);
    expect(plan.keep).toBeGreaterThanOrEqual(2);
  });
});
