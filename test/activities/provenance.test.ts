import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gitState } from '../../activities/provenance/git-state.js';
import { lockFile } from '../../activities/provenance/lock-file.js';
import { recordEnvironment } from '../../activities/provenance/run-environment.js';
import { blotted } from '../../activities/provenance/secrets.js';
import { ArtifactStore } from '../../lib/artifacts/artifact-store.js';
import { MemoryStore } from '../../lib/artifacts/memory.js';
import { sha256 } from '../../lib/hashing/sha256.js';
import { runEnvironmentSchema } from '../../schemas/environment.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'lcoms-git-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const store = new ArtifactStore(new MemoryStore());

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  }).trim();
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);

test('outside of a repository there is no state of one', async () => {
  expect(await gitState(folder, store)).toBeNull();
});

test('a repository: its commit, whether it was changed, and how, but never secrets', async () => {
  git('init', '-q');
  write('spec.yaml', 'seed: 1\n');
  write('.env', 'A=1\n');
  expect(await gitState(folder, store)).toMatchObject({ commit: null, dirty: false });
  git('add', '-A', '-f');
  git('commit', '-q', '-m', 'first');
  expect(await gitState(folder, store)).toEqual({
    commit: git('rev-parse', 'HEAD'),
    dirty: false,
    diffDigest: null,
    diff: null,
  });
  write('untracked.txt', 'no part of it');
  expect((await gitState(folder, store))?.dirty).toBe(false);

  write('spec.yaml', 'seed: 2\napiKey: "hunter2hunter2"\n');
  write('.env', 'PASSWORD_OF_MINE=topsecret\n');
  const state = await gitState(folder, store);
  expect(state?.dirty).toBe(true);
  const text = state?.diff ? Buffer.from(await store.getBlob(state.diff)).toString('utf8') : '';
  expect(sha256(text)).toBe(state?.diffDigest);
  expect(text).toContain('+seed: 2');
  expect(text).not.toMatch(/hunter2|topsecret|\.env/);

  // From a folder below, the whole of the repository counts.
  mkdirSync(path.join(folder, 'below'));
  expect((await gitState(path.join(folder, 'below'), store))?.diffDigest).toBe(state?.diffDigest);
  // Without a store only the digest is kept.
  expect(await gitState(folder, null)).toMatchObject({ diffDigest: state?.diffDigest, diff: null });
});

test.each([
  ['+password: "two words"', 'two words'],
  ['+  "access_key" : "abc",', 'abc'],
  ['+AWS_SECRET_ACCESS_KEY=abc/def', 'abc/def'],
  ['+key AKIAABCDEFGHIJKLMNOP', 'AKIAABCDEFGHIJKLMNOP'],
  ['+ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
  ['+postgres://me:pass@host/db', 'pass@'],
  ['+-----BEGIN RSA PRIVATE KEY-----\n+abc\n+-----END RSA PRIVATE KEY-----', 'abc'],
])('%j is blotted out', (line, secret) => {
  expect(blotted(line)).not.toContain(secret);
});

test('what is no secret stays', () => {
  const text = '+tau: 0.5\n+name: tokenizer\n+url: https://example.org/a\n';
  expect(blotted(text)).toBe(text);
});

test('the lock file of the project counts, else that of lcoms', () => {
  const project = path.join(folder, 'project', 'deep');
  mkdirSync(project, { recursive: true });
  const own = lockFile(project);
  writeFileSync(path.join(folder, 'project', 'yarn.lock'), 'locked');
  expect(lockFile(project)).toEqual({ name: 'yarn.lock', digest: sha256('locked') });
  expect(own?.name).not.toBe('yarn.lock');
});

test('an environment is what its schema says', async () => {
  const environment = await recordEnvironment(store, folder, { LCOMS_BACKEND: 'wasm' });
  expect(runEnvironmentSchema.parse(environment)).toEqual(environment);
  expect(environment).toMatchObject({ node: process.version, backendWanted: 'wasm' });
  expect(environment.machine.cores).toBeGreaterThan(0);
});
