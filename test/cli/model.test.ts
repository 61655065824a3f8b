import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openModel } from '../../cli/open-model.js';
import { encoderDigest } from '../../lib/model/model-files.js';
import type { Crystal } from '../../schemas/crystal.js';
import type { ModelInfo } from '../../schemas/model.js';
import { documentOf, emptyFolder, expectOneScreen, lcoms, lcomsJson, TINY_DATA, TINY_MODEL } from './lcoms.js';

const home = emptyFolder();
const folder = path.join(home, 'model');
let runId = '';

type Shown = ModelInfo & { encoderDigest: string; source: { kind: string } };

beforeAll(async () => {
  ({ runId } = await documentOf<{ runId: string }>(home, ['run', TINY_MODEL]));
  process.env['LCOMS_HOME'] = path.join(home, '.lcoms');
}, 120_000);

test('a run is exported, and shown as it is', async () => {
  const { code, document } = await lcomsJson<Shown & { out: string }>(home, [
    'model',
    'export',
    runId,
    '--out',
    'model',
  ]);
  expect(code).toBe(0);
  expect(document.out).toBe(folder);
  const info = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as ModelInfo;
  expect(info).toMatchObject({
    name: 'tiny-model',
    surrogate: { use: expect.stringMatching(/^surrogate\/com@\d/) as string },
    energyTarget: 'above-composition',
    seed: 0,
    trained: { atoms: [2] },
  });
  expect(info.files.map(({ name, role }) => `${role} ${name}`)).toEqual([
    'encoder cdvae.safetensors',
    'encoder history.jsonl',
    'surrogate surrogate.safetensors',
    'surrogate surrogate-history.jsonl',
    'reference reference.safetensors',
  ]);
  const elements = readFileSync(TINY_DATA, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as Crystal).species);
  for (const element of info.trained?.elements ?? []) expect(elements).toContain(element);
  expect(info.trained?.elements).not.toContain('Mg'); // MgO is held out, and nothing else has Mg
  const digest = encoderDigest(info);
  for (const where of [runId, 'model', path.join('model', 'cdvae.safetensors')]) {
    const shown = await lcomsJson<Shown>(home, ['model', 'show', where]);
    expect(shown.document.encoderDigest, where).toBe(digest);
  }
  const people = await lcoms(home, ['model', 'show', 'model']);
  expect(people.stdout).toContain(digest);
  expect(people.stdout).toContain(info.trained?.elements.join(' '));
});

test('an export over something is refused, and --force replaces a model', async () => {
  const again = await lcoms(home, ['model', 'export', runId, '--out', 'model']);
  expect(again.code).toBe(2);
  expectOneScreen(again, 'LCOMS_E_FILE');
  const forced = await lcomsJson<Shown>(home, [
    'model',
    'export',
    runId,
    '--out',
    'model',
    '--force',
    '--name',
    'mine',
  ]);
  expect(forced.document.name).toBe('mine');
});

test('the run, its folder and the weights alone give the same latents, and one seed the same crystals', async () => {
  const crystals = readFileSync(TINY_DATA, 'utf8')
    .trim()
    .split('\n')
    .slice(0, 3)
    .map((line) => JSON.parse(line) as Crystal);
  const use = async (where: string, seed: number) => {
    const model = await openModel(where, { seed });
    const latents = await model.encoder.encode(crystals);
    const decoded = await model.encoder.decode(
      latents,
      crystals.map(({ species }) => species),
    );
    const rows = model.reference.length / model.encoder.dimension;
    const energies = model.surrogate && (await model.surrogate.energies(latents));
    model.dispose();
    return { latents, decoded, rows, energies, model };
  };
  const run = await use(runId, 1);
  const exported = await use(folder, 1);
  const alone = await use(path.join(folder, 'cdvae.safetensors'), 1);
  expect(exported.latents).toEqual(run.latents);
  expect(alone.latents).toEqual(run.latents);
  expect(exported.decoded).toEqual(run.decoded);
  expect(alone.decoded).toEqual(run.decoded);
  expect((await use(folder, 2)).decoded).not.toEqual(run.decoded);
  expect(run.energies).toEqual(exported.energies);
  expect(run.energies?.every(Number.isFinite)).toBe(true);
  expect(exported.model.reference).toEqual(run.model.reference);
  expect(run.rows).toBe(run.model.info.data.crystals);
  expect([alone.rows, alone.energies]).toEqual([0, null]);
});

test('a damaged file is named, and nothing is loaded', async () => {
  const damaged = path.join(home, 'damaged');
  cpSync(folder, damaged, { recursive: true });
  const file = path.join(damaged, 'surrogate.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const finished = await lcoms(home, ['model', 'show', 'damaged']);
  expect(finished.code).toBe(3);
  expectOneScreen(finished, 'LCOMS_E_ARTIFACT_CORRUPT');
  expect(finished.stderr).toContain(path.join('damaged', 'surrogate.safetensors'));
});

test.each([
  [['model', 'show', 'nowhere'], 'LCOMS_E_NOT_FOUND', 'tiny-model-'],
  [['model', 'show', '.'], 'LCOMS_E_FILE', 'model.json'],
  [['model', 'export', 'nowhere', '--out', 'x'], 'LCOMS_E_NOT_FOUND', 'tiny-model-'],
  [['model', 'export', 'nowhere'], 'LCOMS_E_USAGE', '--out is missing'],
])('%j', async (args, code, message) => {
  const finished = await lcoms(home, args);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
  expect(existsSync(path.join(home, 'x'))).toBe(false);
});

test('options of decoding can be changed, and ones that the encoder lacks are refused', async () => {
  const model = await openModel(folder, { seed: 0, with: { noiseLevels: 2 } });
  model.dispose();
  await expect(openModel(folder, { seed: 0, with: { noise: 2 } })).rejects.toMatchObject({
    code: 'LCOMS_E_PLUGIN_OPTIONS',
  });
});
