import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CrystalRow, readCrystals } from '../../../../lib/crystal/io/read.js';
import { streamCrystals } from '../../../../lib/crystal/io/stream.js';
import { writeCrystals } from '../../../../lib/crystal/io/write.js';
import { ROCKSALT } from '../fixtures.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lcoms-stream-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Larger than what one read of a file gives, so that pieces end inside of it. */
const MANY = 1500;
const crystals = Array.from({ length: MANY }, (_, i) => ({ ...ROCKSALT, id: `c${i} \u00e9` }));
const lines = writeCrystals(crystals, 'jsonl').split('\n');
lines[700] = '{"species": ["Mg"]}\n\n';
const cif = writeCrystals([ROCKSALT], 'cif').replaceAll('"', "'");
const table = ['material_id,cif', ...crystals.map((_, i) => `"mp-${i} ""x""","${i === 900 ? 'data_x' : cif}"`)];

const FILES: Record<string, string | Buffer> = {
  'lines.jsonl': lines.join('\n'),
  'lines.jsonl.gz': gzipSync(lines.join('\n')),
  'table.csv': `${table.join('\n')}\n`,
  'crlf.csv': table.join('\r\n'),
  'table.csv.gz': gzipSync(table.join('\n')),
  'array.json': JSON.stringify(crystals, null, 1),
  'frames.extxyz': writeCrystals(crystals, 'extxyz').replaceAll('\n2\n', '\n\n2\n'),
  'frames.xyz.gz': gzipSync(writeCrystals(crystals, 'extxyz')),
  'broken.xyz': `${writeCrystals(crystals.slice(0, 300), 'extxyz')}two\n${writeCrystals(crystals, 'extxyz')}`,
  'torn.xyz': writeCrystals(crystals, 'extxyz').slice(0, -30),
  'several.cif': writeCrystals(crystals.slice(0, 20), 'cif'),
  'empty.jsonl': '',
  'blank.jsonl': ' \n\n',
};

it.each(Object.keys(FILES))('%s: the rows that reading it whole gives', async (name) => {
  const file = path.join(folder, name);
  await writeFile(file, FILES[name] as string | Buffer);
  const rows: CrystalRow[] = [];
  const shares: number[] = [];
  for await (const piece of streamCrystals(file, { pieceLength: 20_000 })) {
    rows.push(...piece.rows);
    shares.push(piece.read);
  }
  expect(rows).toEqual(await readCrystals(file));
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  if (/^(lines|table|crlf|frames|torn)/.test(name)) {
    expect(rows).toHaveLength(MANY);
    expect(rows.filter((row) => 'error' in row)).toHaveLength(name.startsWith('frames') ? 0 : 1);
    // A small zipped file is unzipped in few parts; a plain one is read in parts of 64 KiB.
    if (!name.endsWith('.gz')) expect(shares.length).toBeGreaterThan(2);
  }
});

it('names a missing file and a torn gzip', async () => {
  const torn = path.join(folder, 'torn.jsonl.gz');
  await writeFile(torn, (FILES['lines.jsonl.gz'] as Buffer).subarray(0, 3000));
  for (const file of [torn, path.join(folder, 'missing.csv')]) {
    await expect(
      (async () => {
        for await (const { rows } of streamCrystals(file)) expect(rows.length).toBeGreaterThan(0);
      })(),
    ).rejects.toMatchObject({ code: 'LCOMS_E_FILE', message: expect.stringContaining(path.basename(file)) });
  }
});

it.each(Object.keys(FILES).filter((name) => !/empty|blank/.test(name)))(
  '%s: as a stream without a name, the same rows, and its format is found by how it begins',
  async (name) => {
    const bytes = Buffer.from(FILES[name] as string | Buffer);
    // In crumbs: nothing may depend on where a chunk ends.
    const crumbs = function* () {
      for (let at = 0; at < bytes.length; at += at < 300 ? 7 : 30_000)
        yield bytes.subarray(at, at + (at < 300 ? 7 : 30_000));
    };
    const rows: CrystalRow[] = [];
    for await (const piece of streamCrystals({ name: 'stdin', stream: Readable.from(crumbs()) }))
      rows.push(...piece.rows);
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    expect(rows).toEqual(await readCrystals(file));
  },
);

it('gives the rows of a stream before it ends', async () => {
  let given = 0;
  const endless = function* () {
    for (;;) yield Buffer.from(`${lines[given++ % 100]}\n`);
  };
  const rows: CrystalRow[] = [];
  for await (const piece of streamCrystals({ name: 'stdin', stream: Readable.from(endless()) })) {
    rows.push(...piece.rows);
    if (rows.length >= 250) break;
  }
  expect(given).toBeLessThan(300);
  expect(rows.map(({ index, line }) => [index, line])).toEqual(rows.map((_, i) => [i, i + 1]));
});

it('says when the format of a stream can not be told, and takes the one that is given', async () => {
  const read = async (text: string, options = {}): Promise<CrystalRow[]> => {
    const rows: CrystalRow[] = [];
    const source = { name: 'stdin', stream: Readable.from([Buffer.from(text)]) };
    for await (const piece of streamCrystals(source, options)) rows.push(...piece.rows);
    return rows;
  };
  await expect(read('dear colleague\nI have a crystal\n')).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
  expect(await read('dear colleague', { format: 'jsonl' })).toMatchObject([{ error: { code: 'LCOMS_E_CRYSTAL' } }]);
  expect(await read('')).toMatchObject([{ error: { code: 'LCOMS_E_CRYSTAL' } }]);
  expect(await read(writeCrystals([ROCKSALT], 'poscar'))).toMatchObject([{ crystal: { species: ROCKSALT.species } }]);
});
