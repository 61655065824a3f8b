import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  encoderDigest,
  filesOf,
  type ModelFiles,
  modelFile,
  readReference,
  writeReference,
} from '../../../lib/model/model-files.js';
import { readModelFolder, writeModelFolder } from '../../../lib/model/model-folder.js';

const root = mkdtempSync(path.join(os.tmpdir(), 'lcoms-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const weights = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const reference = writeReference(Float32Array.from([1, 2, 3, 4, 5, 6]), 3, 0);

function model(name = 'a', encoder = weights): ModelFiles {
  const files = [
    modelFile('weights.bin', 'encoder', encoder),
    modelFile('reference.safetensors', 'reference', reference),
  ];
  return {
    info: {
      apiVersion: 1,
      name,
      encoder: { use: 'encoder/cdvae@1.0.0', with: { preset: 'small' } },
      surrogate: null,
      energyTarget: 'formation',
      data: { provenance: 'made up', scorer: null, crystals: 2 },
      trained: { elements: ['Mg', 'O'], atoms: [2] },
      seed: 0,
      backend: null,
      lcoms: '0.1.0',
      files,
    },
    bytes: new Map([
      ['weights.bin', encoder],
      ['reference.safetensors', reference],
    ]),
  };
}

const code = (name: string) => expect.objectContaining({ code: name });

test('what is written is what is read', async () => {
  const folder = path.join(root, 'deep', 'whole');
  await writeModelFolder(folder, model(), false);
  const read = await readModelFolder(folder);
  expect(read.info).toEqual(model().info);
  expect(Buffer.from(filesOf(read, 'encoder').get('weights.bin') ?? [])).toEqual(Buffer.from(weights));
  expect(filesOf(read, 'surrogate').size).toBe(0);
  expect(Array.from(readReference(read))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(readdirSync(path.join(root, 'deep'))).toEqual(['whole']);
});

test('a model is replaced only when that is asked for, and nothing else ever is', async () => {
  const folder = path.join(root, 'taken');
  await writeModelFolder(folder, model('first'), false);
  await expect(writeModelFolder(folder, model('second'), false)).rejects.toEqual(code('LCOMS_E_FILE'));
  expect((await readModelFolder(folder)).info.name).toBe('first');
  await writeModelFolder(folder, model('second'), true);
  expect((await readModelFolder(folder)).info.name).toBe('second');
  const other = path.join(root, 'photos');
  mkdirSync(other);
  writeFileSync(path.join(other, 'cat.png'), 'cat');
  await expect(writeModelFolder(other, model(), true)).rejects.toEqual(code('LCOMS_E_FILE'));
  expect(readdirSync(other)).toEqual(['cat.png']);
  await expect(writeModelFolder(path.join(other, 'cat.png'), model(), true)).rejects.toEqual(code('LCOMS_E_FILE'));
  await expect(writeModelFolder(path.join(other, 'cat.png', 'm'), model(), true)).rejects.toEqual(code('LCOMS_E_FILE'));
  expect(readdirSync(root).filter((name) => /partial|old/.test(name))).toEqual([]);
});

test('a file that differs from its description is named', async () => {
  const folder = path.join(root, 'damaged');
  await writeModelFolder(folder, model(), false);
  const file = path.join(folder, 'weights.bin');
  const refused = async (): Promise<void> => {
    await expect(readModelFolder(folder)).rejects.toEqual(
      expect.objectContaining({ code: 'LCOMS_E_ARTIFACT_CORRUPT', where: file }),
    );
  };
  const flipped = Buffer.from(weights);
  flipped[500] = (flipped[500] ?? 0) ^ 1;
  for (const bytes of [flipped, weights.subarray(0, 999)]) {
    writeFileSync(file, bytes);
    await refused();
  }
  rmSync(file);
  await refused();
});

test.each([
  ['{', 'model.json', 'not JSON'],
  ['{"apiVersion": 2}', 'apiVersion', ''],
])('a model.json that says %s', async (text, where, message) => {
  const folder = path.join(root, 'described');
  await writeModelFolder(folder, model(), true);
  writeFileSync(path.join(folder, 'model.json'), text);
  await expect(readModelFolder(folder)).rejects.toEqual(
    expect.objectContaining({
      code: 'LCOMS_E_ARTIFACT_CORRUPT',
      where: expect.stringContaining(where) as string,
      message: expect.stringContaining(message) as string,
    }),
  );
  await expect(readModelFolder(root)).rejects.toEqual(code('LCOMS_E_FILE'));
  expect(readFileSync(path.join(folder, 'model.json'), 'utf8')).toBe(text);
});

test('the digest of an encoder is that of its files alone', () => {
  expect(encoderDigest(model('a').info)).toBe(encoderDigest(model('b').info));
  expect(encoderDigest(model('a').info)).not.toBe(encoderDigest(model('a', weights.subarray(1)).info));
});

test('at most 4,000 reference latents, whole rows in their order, by the seed', () => {
  const n = 5000;
  const rows = Float32Array.from({ length: n * 2 }, (_, i) => (i % 2 === 0 ? i / 2 : -(i - 1) / 2));
  const sample = (seed: number): number[] => {
    const bytes = writeReference(rows, 2, seed);
    const files = [modelFile('reference.safetensors', 'reference', bytes)];
    return Array.from(
      readReference({ info: { ...model().info, files }, bytes: new Map([['reference.safetensors', bytes]]) }),
    );
  };
  const first = sample(0);
  const kept = first.filter((_, i) => i % 2 === 0);
  expect(kept).toHaveLength(4000);
  expect(new Set(kept).size).toBe(4000);
  expect(kept).toEqual([...kept].sort((a, b) => a - b));
  expect(first.every((x, i) => i % 2 === 0 || x === -(first[i - 1] as number))).toBe(true);
  expect(sample(0)).toEqual(first);
  expect(sample(1)).not.toEqual(first);
});
