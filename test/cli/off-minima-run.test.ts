import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readSafetensors } from '../../lib/tensor/safetensors.js';
import type { NodeManifest } from '../../schemas/artifact.js';
import { emptyFolder, lcoms, TINY_DATA, TINY_MODEL } from './lcoms.js';

const folder = emptyFolder();
const at = (...names: string[]): string => path.join(folder, ...names);

/** What a run of the tiny model on data.jsonl of a folder made, by kind of artifact, in a home of its own. */
async function run(home: string, where: string): Promise<Map<string, NodeManifest>> {
  // A file of one name: what is said of the data says it.
  const finished = await lcoms(at(where), ['run', TINY_MODEL, '--data', 'data.jsonl'], { LCOMS_HOME: at(home) });
  expect(finished.code, finished.stderr).toBe(0);
  const manifests = at(home, 'store', 'manifests');
  return new Map(
    readdirSync(manifests).map((name) => {
      const manifest = JSON.parse(readFileSync(path.join(manifests, name), 'utf8')) as NodeManifest;
      return [manifest.artifact.kind, manifest];
    }),
  );
}

test('perturbed crystals change what the surrogate learns, and nothing else of a run', async () => {
  const perturb = ['data', 'perturb', TINY_DATA, '--out', 'off.jsonl', '--per', '2', '--jobs', '1'];
  expect((await lcoms(folder, perturb)).code).toBe(0);
  const minima = readFileSync(TINY_DATA, 'utf8');
  for (const name of ['plain', 'both']) mkdirSync(at(name));
  writeFileSync(at('plain', 'data.jsonl'), minima);
  writeFileSync(at('both', 'data.jsonl'), minima + readFileSync(at('off.jsonl'), 'utf8'));
  const [plain, both] = [await run('home-plain', 'plain'), await run('home-both', 'both')];

  const blobs = (made: typeof plain, kind: string) =>
    new Map(made.get(kind)?.artifact.blobs.map(({ name, digest }) => [name, digest]));
  for (const name of ['info.json', 'train.jsonl', 'validation.jsonl', 'held-out.jsonl'])
    expect(blobs(both, 'dataset').get(name)).toBe(blobs(plain, 'dataset').get(name));
  expect(both.get('encoder')?.artifact.digest).toBe(plain.get('encoder')?.artifact.digest);
  // Nodes that read minima alone are the same: found in a cache that holds one of the two.
  for (const kind of ['encoder', 'truth']) expect(both.get(kind)?.key).toBe(plain.get(kind)?.key);
  for (const kind of ['latents', 'surrogate']) expect(both.get(kind)?.key).not.toBe(plain.get(kind)?.key);
  const latents = (home: string, made: typeof plain) => {
    const digest = blobs(made, 'latents').get('latents.safetensors') as string;
    const file = readdirSync(at(home), { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(digest));
    return readSafetensors(readFileSync(at(home, file as string)), 'latents').tensors;
  };
  const [before, after] = [latents('home-plain', plain), latents('home-both', both)];
  expect(after['train']).toEqual(before['train']);
  expect(after['validation']).toEqual(before['validation']);
  expect(Object.keys(after).sort()).toEqual(['off-train', 'off-validation', 'train', 'validation']);

  const surrogate = both.get('surrogate');
  expect(surrogate?.artifact.digest).not.toBe(plain.get('surrogate')?.artifact.digest);
  expect(surrogate?.metrics['offValidationRmse']).toBeGreaterThan(0);
  expect(plain.get('surrogate')?.metrics).not.toHaveProperty('offValidationRmse');
}, 180_000);
