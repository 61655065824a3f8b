import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Reconstruction, type ReconstructionSummary, summarise } from '../../cli/reconstruction.js';
import { readCrystals } from '../../lib/crystal/io/read.js';
import { encoderDigest, modelFile } from '../../lib/model/model-files.js';
import { readModelFolder, writeModelFolder } from '../../lib/model/model-folder.js';
import { readSafetensors, writeSafetensors } from '../../lib/tensor/safetensors.js';
import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { documentOf, emptyFolder, expectOneScreen, type Finished, lcoms, TINY_DATA, TINY_MODEL } from './lcoms.js';

const home = emptyFolder();
let digest = '';
/** A crystal whose elements and size the model has seen. */
let seen: Crystal;

const MODEL = ['--model', 'model'];
const documents = <T>({ stdout }: Finished): T[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const lines = (crystals: readonly unknown[]): string => crystals.map((c) => `${JSON.stringify(c)}\n`).join('');

/** The same crystal in a cell that is repeated along its axes. */
function supercell({ lattice, species, frac }: Crystal, times: Vec3): Crystal {
  const out: Crystal = {
    lattice: lattice.map((row, i) => row.map((x) => x * (times[i] as number))) as Mat3,
    species: [],
    frac: [],
  };
  for (let i = 0; i < times[0]; i++)
    for (let j = 0; j < times[1]; j++)
      for (let k = 0; k < times[2]; k++)
        frac.forEach((f, a) => {
          out.species.push(species[a] as string);
          out.frac.push([(f[0] + i) / times[0], (f[1] + j) / times[1], (f[2] + k) / times[2]]);
        });
  return out;
}

beforeAll(async () => {
  const { runId } = await documentOf<{ runId: string }>(home, ['run', TINY_MODEL]);
  await documentOf(home, ['model', 'export', runId, '--out', 'model']);
  const { info } = await readModelFolder(path.join(home, 'model'));
  digest = encoderDigest(info);
  const all = readFileSync(TINY_DATA, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Crystal);
  seen = all.find(({ species }) => species.every((s) => info.trained?.elements.includes(s))) as Crystal;
  writeFileSync(
    path.join(home, 'cells.jsonl'),
    lines([seen, supercell(seen, [2, 1, 1]), supercell(seen, [1, 3, 1]), supercell(seen, [2, 2, 2])]),
  );
  writeFileSync(
    path.join(home, 'some.jsonl'),
    lines([seen, { species: ['Mg'] }, { ...seen, species: ['Mg', 'O'] }, seen]),
  );
}, 600_000);

test('a supercell has the latent of its primitive cell', async () => {
  const finished = await lcoms(home, ['encode', 'cells.jsonl', ...MODEL, '--json']);
  expect(finished.stderr).toBe('');
  expect(finished.code).toBe(0);
  const rows = documents<{ atoms: number; encoder: string; latent: number[] }>(finished);
  expect(rows.map(({ atoms }) => atoms)).toEqual([2, 2, 2, 2]);
  expect(rows[0]?.encoder).toBe(digest);
  for (const { latent } of rows) latent.forEach((x, j) => expect(x).toBeCloseTo(rows[0]?.latent[j] ?? Number.NaN, 4));
}, 300_000);

test('bad crystals and ones unlike the training data are named, the others go on', async () => {
  const finished = await lcoms(home, ['encode', 'some.jsonl', ...MODEL, '--out', 'some.csv', '--json']);
  expect(finished.code).toBe(2);
  const rows = documents<{ index: number; error?: { code: string; message: string } }>(finished);
  expect(rows.map(({ error }) => error?.code ?? 'good')).toEqual(['good', 'LCOMS_E_CRYSTAL', 'LCOMS_E_UNSEEN', 'good']);
  expect(rows[2]?.error?.message).toMatch(/has not seen Mg.* it has seen elements Ag /);
  expect(readFileSync(path.join(home, 'some.csv'), 'utf8').trim().split('\n')).toHaveLength(3);
  const allowed = await lcoms(home, ['encode', 'some.jsonl', ...MODEL, '--unseen']);
  expect(allowed.stderr).toMatch(/warning: the model has not seen Mg/);
  expect(allowed.stdout).toMatch(/some\.jsonl +2 +MgO +2/);
}, 300_000);

test('latents of any format decode to the same crystals, and of one seed', async () => {
  const decoded: string[] = [];
  for (const format of ['safetensors', 'csv', 'jsonl']) {
    expect((await lcoms(home, ['encode', 'cells.jsonl', ...MODEL, '--out', `z.${format}`])).code).toBe(0);
    const { code, stdout } = await lcoms(home, ['decode', `z.${format}`, ...MODEL, '--draws', '2']);
    expect(code).toBe(0);
    decoded.push(stdout);
  }
  expect(new Set(decoded).size).toBe(1);
  const crystals = documents<Crystal>({ code: 0, stdout: decoded[0] ?? '', stderr: '' });
  expect(crystals).toHaveLength(8);
  expect(crystals[0]?.frac).not.toEqual(crystals[1]?.frac);
  for (const { species } of crystals) expect([...species].sort()).toEqual([...seen.species].sort());
  const other = await lcoms(home, ['decode', 'z.csv', ...MODEL, '--draws', '2', '--seed', '1']);
  expect(other.stdout).not.toBe(decoded[0]);
}, 600_000);

test.each([
  ['cif', 'found', 4],
  ['poscar', 'found-poscar', 4],
  ['extxyz', 'found.extxyz', 1],
])(
  'crystals as %s',
  async (format, out, files) => {
    await lcoms(home, ['encode', 'cells.jsonl', ...MODEL, '--out', 'w.safetensors']);
    const finished = await lcoms(home, [
      'decode',
      'w.safetensors',
      ...MODEL,
      '--out',
      out,
      '--format',
      format,
      '--json',
    ]);
    expect(finished.code).toBe(0);
    const rows = documents<{ out: string; formula: string; valid: boolean }>(finished);
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.out)).size).toBe(files);
    for (const row of rows)
      for (const read of await readCrystals(path.join(home, row.out))) expect(read).toHaveProperty('crystal');
    expect(readdirSync(home).filter((name) => name.includes('partial'))).toEqual([]);
  },
  120_000,
);

test('latents of another encoder are refused, with both digests', async () => {
  const model = await readModelFolder(path.join(home, 'model'));
  const name = 'cdvae.safetensors';
  const { tensors, metadata } = readSafetensors(model.bytes.get(name) as Uint8Array);
  const first = Object.values(tensors)[0];
  if (first) first.data[0] = (first.data[0] ?? 0) + 1;
  const changed = writeSafetensors(tensors, metadata);
  const files = model.info.files.map((file) => (file.name === name ? modelFile(name, 'encoder', changed) : file));
  const other = { info: { ...model.info, files }, bytes: new Map([...model.bytes, [name, changed]]) };
  await writeModelFolder(path.join(home, 'other'), other, false);
  await lcoms(home, ['encode', 'cells.jsonl', ...MODEL, '--out', 'mine.safetensors']);
  const refused = await lcoms(home, ['decode', 'mine.safetensors', '--model', 'other']);
  expect(refused.code).toBe(2);
  expectOneScreen(refused, 'LCOMS_E_INPUT');
  expect(refused.stderr).toContain(digest);
  expect(refused.stderr).toContain(encoderDigest(other.info));
  expect(refused.stdout).toBe('');
}, 300_000);

test('reconstruct: a line a crystal, then a summary of them', async () => {
  const finished = await lcoms(home, ['reconstruct', 'some.jsonl', 'cells.jsonl', ...MODEL, '--draws', '3', '--json']);
  expect(finished.code).toBe(2);
  const all = documents<Reconstruction | { error: object } | { summary: ReconstructionSummary }>(finished);
  const rows = all.filter((row): row is Reconstruction => 'match' in row);
  expect(rows.map(({ file, index }) => `${file} ${index}`)).toEqual([
    'some.jsonl 0',
    'some.jsonl 3',
    ...[0, 1, 2, 3].map((i) => `cells.jsonl ${i}`),
  ]);
  const last = all.at(-1) as { summary: ReconstructionSummary };
  const { seconds, networkCalls } = { seconds: { encode: 0, decode: 0 }, networkCalls: 0 };
  const {
    secondsPerCrystal: _s,
    networkCallsPerCrystal: _n,
    ...rates
  } = summarise(rows, 3, 2, { seconds, networkCalls });
  expect(last.summary).toMatchObject(rates);
  // Four levels, a Langevin step at each, and the step to the clean coordinates.
  expect(last.summary.networkCallsPerCrystal).toBe(5);
  const fewer = await lcoms(home, ['reconstruct', 'cells.jsonl', ...MODEL, '--with', '{fastLevels: 2}']);
  expect(fewer.code).toBe(0);
  expect(fewer.stdout).toMatch(/network calls +3\.0 a decoded crystal/);
}, 300_000);

test.each([
  [['encode', 'nowhere.cif', ...MODEL], 'LCOMS_E_FILE', 'nowhere.cif'],
  [['encode', 'cells.jsonl', ...MODEL, '--out', 'z.txt'], 'LCOMS_E_FILE', '.safetensors, .csv, .jsonl'],
  [['decode', 'nowhere.csv', ...MODEL], 'LCOMS_E_FILE', 'no such file'],
  [['decode', 'cells.jsonl', ...MODEL], 'LCOMS_E_INPUT', 'latent'],
  [['decode', 'some.csv', ...MODEL, '--formula', 'MgXx'], 'LCOMS_E_FORMULA', 'Xx'],
  [['decode', 'some.csv', ...MODEL, '--formula', 'MgO'], 'LCOMS_E_UNSEEN', 'has not seen Mg'],
  [['decode', 'some.csv', ...MODEL, '--format', 'pdb'], 'LCOMS_E_USAGE', 'cif, poscar, extxyz, jsonl'],
  [['reconstruct', 'cells.jsonl', ...MODEL, '--draws', '0'], 'LCOMS_E_USAGE', '--draws'],
  [['reconstruct', 'cells.jsonl', ...MODEL, '--with', '{sampler: warp}'], 'LCOMS_E_PLUGIN_OPTIONS', 'sampler'],
])(
  '%j',
  async (args, code, message) => {
    const finished = await lcoms(home, args);
    expect(finished.code).toBe(2);
    expectOneScreen(finished, code);
    expect(finished.stderr).toContain(message);
  },
  120_000,
);
