import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { NodeManifest } from '../../schemas/artifact.js';
import type { RunPlan } from '../../schemas/run.js';
import { documentOf, emptyFolder, expectOneScreen, lcoms, lcomsJson, TINY_MODEL } from './lcoms.js';

interface Reproduced {
  same: boolean;
  home: string | null;
  record: string[];
  surroundings: { path: string; a: string; b: string }[];
  nodes: {
    id: string;
    verdict: string;
    recorded: string;
    remade: string;
    damage: string | null;
    identity: { path: string; a: unknown; b: unknown }[];
    files: { name: string; by: string; differing: number; largestAbsolute: number; largestRelative: number }[];
  }[];
  notCompared: string[];
}

const folder = emptyFolder();
const store = path.join(folder, '.lcoms', 'store');
let runId = '';

const planFile = (): string => path.join(store, 'runs', runId, 'plan.json');
const verdicts = ({ nodes }: Reproduced): Record<string, string> =>
  Object.fromEntries(nodes.map(({ id, verdict }) => [id, verdict]));

beforeAll(async () => {
  ({ runId } = await documentOf<{ runId: string }>(folder, ['run', TINY_MODEL]));
}, 120_000);

test('a run is made again from its record, byte for byte, in a home of its own', async () => {
  const { code, document } = await lcomsJson<Reproduced>(folder, ['reproduce', 'last', '--home', 'again']);
  expect(verdicts(document)).toEqual({ data: 'same', encoder: 'same', latents: 'same', surrogate: 'same' });
  expect(document).toMatchObject({ same: true, record: [], surroundings: [], notCompared: [] });
  expect(code).toBe(0);
  expect(existsSync(path.join(folder, 'again', 'store', 'manifests'))).toBe(true);
  expectOneScreen(await lcoms(folder, ['reproduce', 'last', '--home', 'again']), 'LCOMS_E_FILE');
}, 120_000);

test('an option that was changed in the record, and another backend, are told with how far apart the numbers are', async () => {
  const original = readFileSync(planFile(), 'utf8');
  const plan = JSON.parse(original) as RunPlan;
  const surrogate = plan.nodes.find(({ id }) => id === 'surrogate')?.plugin;
  if (!surrogate) throw new Error('the tiny model has a surrogate');
  surrogate.options['epochs'] = 4;
  plan.spec.surrogate.with['epochs'] = 4;
  writeFileSync(planFile(), JSON.stringify(plan));
  try {
    const { document: shown } = await lcomsJson<{ backends: string[] }>(folder, ['show', runId]);
    const other = shown.backends[0]?.startsWith('wasm') ? 'cpu' : 'wasm';
    const { code, document } = await lcomsJson<Reproduced>(folder, ['reproduce', runId], { LCOMS_BACKEND: other });
    expect(code).toBe(4);
    expect(document.same).toBe(false);
    expect(document.record).toEqual([expect.stringContaining('its hash differs')]);
    expect(verdicts(document)).toMatchObject({ data: 'same', surrogate: 'differs' });
    const found = document.nodes.find(({ id }) => id === 'surrogate');
    expect(found?.identity).toContainEqual({ path: 'plugin.options.epochs', a: 3, b: 4 });
    const weights = found?.files.find(({ by }) => by === 'tensors');
    expect(weights?.differing).toBeGreaterThan(0);
    expect(weights?.largestAbsolute).toBeGreaterThan(0);
    expect(document.surroundings.map(({ path: what }) => what)).toContain('backend');
    // Another backend alone rounds otherwise, and only that.
    const encoder = document.nodes.find(({ id }) => id === 'encoder');
    if (encoder?.verdict === 'differs') expect(encoder.files[0]?.largestAbsolute).toBeLessThan(1e-3);
  } finally {
    writeFileSync(planFile(), original);
  }
}, 180_000);

test('a recorded result that was tampered with is told', async () => {
  const { document: shown } = await lcomsJson<{ nodes: { id: string; key: string }[] }>(folder, ['show', runId]);
  const key = shown.nodes.find(({ id }) => id === 'latents')?.key ?? '';
  const manifest = JSON.parse(readFileSync(path.join(store, 'manifests', `${key}.json`), 'utf8')) as NodeManifest;
  const digest = manifest.artifact.blobs[0]?.digest ?? '';
  const blob = path.join(store, 'blobs', 'sha256', digest.slice(0, 2), digest.slice(2, 4), digest);
  const bytes = readFileSync(blob);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  chmodSync(blob, 0o644);
  writeFileSync(blob, bytes);
  const finished = await lcoms(folder, ['reproduce', runId]);
  expect(finished.code).toBe(4);
  expect(finished.stdout).toMatch(/latents +damaged/);
  expect(finished.stdout).toMatch(/surrogate +same/);
  expect(finished.stdout).toContain('not the same: 3 of 4 artifacts are');
}, 120_000);

test('what can not be made again is refused before anything is started', async () => {
  expectOneScreen(await lcoms(folder, ['reproduce', 'nothing']), 'LCOMS_E_NOT_FOUND');
  mkdirSync(path.join(folder, 'full'));
  writeFileSync(path.join(folder, 'full', 'notes.txt'), '');
  expectOneScreen(await lcoms(folder, ['reproduce', runId, '--home', 'full']), 'LCOMS_E_FILE');
});
