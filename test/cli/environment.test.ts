import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findWeed } from '../../infra/tools/index.js';
import { startSeaweed } from '../support/seaweed.js';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, TINY } from './lcoms.js';

interface Doctor {
  backend: string | null;
  node: string;
  temporal: string | null;
  store: string | null;
  scorers: { name: string; weights: string }[];
  problems: { code: string; message: string; fix: string; severity: string }[];
}

const NOBODY = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

test('no server at TEMPORAL_ADDRESS: exit code 3, and nothing is started or written', async () => {
  const folder = emptyFolder();
  const finished = await lcoms(folder, ['run', TINY], NOBODY);
  expect(finished.code).toBe(3);
  expectOneScreen(finished, 'LCOMS_E_TEMPORAL');
  expect(finished.stderr).toContain('127.0.0.1:1');
  expect(readdirSync(folder)).toEqual([]);
});

test('a worker without a server, too', async () => {
  const finished = await lcoms(emptyFolder(), ['worker'], NOBODY);
  expect(finished.code).toBe(3);
  expectOneScreen(finished, 'LCOMS_E_TEMPORAL');
});

test('ls does not need the server', async () => {
  const { code, document } = await lcomsJson<unknown[]>(emptyFolder(), ['ls'], NOBODY);
  expect(code).toBe(0);
  expect(document).toEqual([]);
});

test('an s3 store without credentials', async () => {
  const finished = await lcoms(emptyFolder(), ['ls'], { LCOMS_STORE: 's3://bucket/prefix' });
  expect(finished.code).toBe(3);
  expectOneScreen(finished, 'LCOMS_E_STORE_AUTH');
});

test('doctor: what is there, and a fix for every problem', async () => {
  const { code, document } = await lcomsJson<Doctor>(emptyFolder(), ['doctor']);
  expect(code).toBe(document.problems.some(({ severity }) => severity === 'error') ? 3 : 0);
  expect(document.node).toBe(process.versions.node);
  expect(document.backend).toMatch(/^(tfjs-node-gpu|tfjs-node|wasm)$/);
  expect(document.scorers.map(({ name }) => name)).toContain('chgnet');
  for (const { fix } of document.problems) expect(fix).not.toBe('');
});

test('doctor without a server: exit code 3 and the problem', async () => {
  const { code, document } = await lcomsJson<Doctor>(emptyFolder(), ['doctor'], NOBODY);
  expect(code).toBe(3);
  expect(document.problems.map((problem) => problem.code)).toContain('LCOMS_E_TEMPORAL');
  expect(document.temporal).toBeNull();
});

test('plugins: listed and shown', async () => {
  const folder = emptyFolder();
  const { document: list } = await lcomsJson<{ id: string; kind: string; version: string; summary: string }[]>(folder, [
    'plugins',
    'ls',
  ]);
  expect(list.map(({ id }) => id)).toContain('surrogate/com');
  const { document: shown } = await lcomsJson<{ id: string; options: { properties: object } }>(folder, [
    'plugins',
    'show',
    'surrogate/com',
  ]);
  expect(shown.id).toBe('surrogate/com');
  expect(Object.keys(shown.options.properties)).toContain('tau');
  const people = await lcoms(folder, ['plugins', 'show', 'surrogate/com']);
  expect(people.stdout).toMatch(/^tau .*/m);
  const unknown = await lcoms(folder, ['plugins', 'show', 'surrogate/con']);
  expect(unknown.code).toBe(2);
  expectOneScreen(unknown, 'LCOMS_E_PLUGIN_NOT_FOUND');
});

const weed = (await findWeed())?.path ?? null;

test.skipIf(weed === null)('a wrong S3 key (needs weed: npm run setup -- --with-s3)', async () => {
  const seaweed = await startSeaweed(weed as string);
  try {
    const LCOMS_STORE = `s3://runs/cli?endpoint=${seaweed.endpoint}&create=true`;
    const folder = emptyFolder();
    const secret = 'not-the-secret-key-4711';
    const wrong = { ...seaweed.env, LCOMS_S3_SECRET_KEY: secret, LCOMS_STORE };
    for (const args of [['ls'], ['run', TINY]]) {
      const finished = await lcoms(folder, args, wrong);
      expect(finished.code).toBe(3);
      expectOneScreen(finished, 'LCOMS_E_STORE_AUTH');
      expect(finished.stdout + finished.stderr).not.toContain(secret);
    }
    const right = await lcomsJson<unknown[]>(folder, ['ls'], { ...seaweed.env, LCOMS_STORE });
    expect(right.document).toEqual([]);
  } finally {
    await seaweed.stop();
  }
});
