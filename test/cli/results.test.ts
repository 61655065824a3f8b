import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { assertReplaceable, writeResults } from '../../cli/results.js';
import { shownState } from '../../cli/server-peek.js';
import { ArtifactStore, artifactDigest } from '../../lib/artifacts/artifact-store.js';
import { openStore } from '../../lib/artifacts/open.js';
import { hashJson } from '../../lib/hashing/sha256.js';
import type { NodeRecord, RunPlan } from '../../schemas/run.js';
import { emptyFolder } from './lcoms.js';

const folder = emptyFolder();

async function reportNode(store: ArtifactStore, files: Record<string, string>): Promise<NodeRecord> {
  const blobs = [];
  for (const [name, text] of Object.entries(files)) blobs.push(await store.putBlob(name, Buffer.from(text)));
  const digest = artifactDigest('report', blobs);
  const identity = { files };
  const key = hashJson(identity);
  const provenance = {
    createdAt: '',
    seconds: 1.25,
    cpuSeconds: 2,
    backend: 'wasm, 1 threads',
    lcoms: '0',
    node: 'v20',
  };
  await store.commit({
    version: 1,
    key,
    identity,
    artifact: { kind: 'report', digest, blobs },
    metrics: { hits: 3 },
    provenance,
  });
  return {
    id: 'report',
    step: 'report',
    state: 'succeeded',
    key,
    attempt: 1,
    seconds: 1.25,
    artifact: { digest, bytes: 1 },
    error: null,
  };
}

const plan = { runId: 'r', nodes: [{ id: 'report', step: 'report' }] } as unknown as RunPlan;

test('every blob of the report is written; earlier results are replaced as a whole', async () => {
  const store = new ArtifactStore(openStore('memory:', {}));
  const outDir = path.join(folder, 'deep', 'out');
  const first = await reportNode(store, { 'results.csv': 'a', 'table.txt': 'T', 'MgO.cif': 'cif', 'extra.bin': 'b' });
  const results = await writeResults(store, plan, [first], outDir);
  expect(results.table).toBe('T');
  expect(results.metrics).toEqual({ hits: 3 });
  expect(readFileSync(results.files['csv'] ?? '', 'utf8')).toBe('a');
  expect(readdirSync(results.files['crystals'] ?? '')).toEqual(['MgO.cif']);
  expect(readFileSync(results.files['timings'] ?? '', 'utf8')).toBe(
    'node,step,seconds,cpuSeconds,cached,backend\nreport,report,1.250,2.000,false,"wasm, 1 threads"\n',
  );
  const second = await reportNode(store, { 'results.csv': 'new' });
  await writeResults(store, plan, [second], outDir);
  expect(readdirSync(outDir).sort()).toEqual(['plan.json', 'results.csv', 'timings.csv']);
  expect(readdirSync(path.dirname(outDir))).toEqual(['out']);
});

test('a blob that is damaged leaves no results at all', async () => {
  const url = path.join(folder, 'store');
  const store = new ArtifactStore(openStore(url, {}));
  const node = await reportNode(store, { 'results.csv': 'a', 'table.txt': 'T' });
  const manifest = await store.findCommitted(node.key ?? '');
  const digest = manifest?.artifact.blobs[1]?.digest ?? '';
  writeFileSync(path.join(url, 'blobs', 'sha256', digest.slice(0, 2), digest.slice(2, 4), digest), 'X');
  const outDir = path.join(folder, 'damaged');
  await expect(writeResults(store, plan, [node], outDir)).rejects.toMatchObject({ code: 'LCOMS_E_ARTIFACT_CORRUPT' });
  expect(existsSync(outDir)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith('damaged'))).toEqual([]);
});

test('only results and empty folders are replaced', () => {
  const other = path.join(folder, 'other');
  mkdirSync(other);
  expect(() => assertReplaceable(other)).not.toThrow();
  writeFileSync(path.join(other, 'notes.txt'), '');
  expect(() => assertReplaceable(other)).toThrow(/something else/);
  expect(() => assertReplaceable(path.join(other, 'notes.txt'))).toThrow(/this is a file/);
});

test.each([
  ['running', undefined, 'interrupted'],
  ['running', 'running', 'running'],
  ['running', 'cancelled', 'interrupted'],
  [null, undefined, 'interrupted'],
  ['failed', 'succeeded', 'failed'],
  ['failed', 'running', 'running'],
  ['succeeded', undefined, 'succeeded'],
] as const)('recorded %s, on the server %s: %s', (recorded, live, shown) => {
  expect(shownState(recorded, live)).toBe(shown);
});
