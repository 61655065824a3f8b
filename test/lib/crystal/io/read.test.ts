import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CrystalFormat,
  type CrystalRow,
  formatOf,
  parseCrystals,
  readCrystals,
} from '../../../../lib/crystal/io/read.js';
import { writeCrystals } from '../../../../lib/crystal/io/write.js';
import { crystalSchema } from '../../../../schemas/crystal.js';
import { ROCKSALT, sharedPath } from '../fixtures.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lcoms-crystal-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parse = (text: string, format: CrystalFormat): CrystalRow[] => parseCrystals(text, { name: 'text', format });
function errorOf(rows: CrystalRow[]): { line: number; message: string; code: string } {
  const row = rows.find((r) => 'error' in r);
  if (!row || !('error' in row)) throw new Error('no error row');
  return { line: row.line, ...row.error };
}

describe('readCrystals', () => {
  it.each([
    ['a.cif', 'cif'],
    ['POSCAR', 'poscar'],
    ['CONTCAR.relaxed', 'poscar'],
    ['x.vasp', 'poscar'],
    ['x.poscar.gz', 'poscar'],
    ['x.XYZ', 'extxyz'],
    ['x.extxyz', 'extxyz'],
    ['x.jsonl.gz', 'jsonl'],
    ['x.json', 'jsonl'],
    ['x.csv', 'csv'],
  ])('takes %s for %s', (file, format) => expect(formatOf(`/some/folder/${file}`)).toBe(format));

  it('reads gzipped files of every format that is written', async () => {
    for (const [format, ending] of [
      ['cif', 'cif'],
      ['poscar', 'vasp'],
      ['extxyz', 'xyz'],
      ['jsonl', 'jsonl'],
    ] as const) {
      const file = join(folder, `x.${ending}.gz`);
      await writeFile(file, gzipSync(writeCrystals([ROCKSALT], format)));
      const rows = await readCrystals(file);
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ index: 0, line: 1, crystal: { species: ['Na', 'Cl'] } });
    }
  });

  it('names a missing file, an unknown ending with those that are known, and a broken gzip', async () => {
    const missing = join(folder, 'missing.cif');
    await expect(readCrystals(missing)).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      message: expect.stringContaining(missing),
    });
    await expect(readCrystals(join(folder, 'x.pdb'))).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      message: expect.stringMatching(/\.pdb.*\.cif.*\.csv.*POSCAR/),
    });
    const broken = join(folder, 'broken.cif.gz');
    await writeFile(broken, gzipSync('data_x').subarray(0, 15));
    await expect(readCrystals(broken)).rejects.toMatchObject({
      code: 'LCOMS_E_FILE',
      message: expect.stringContaining('unzip'),
    });
    await expect(readCrystals(folder, { format: 'cif' })).rejects.toMatchObject({ code: 'LCOMS_E_FILE' });
  });

  it.each(['cif', 'poscar', 'extxyz', 'jsonl', 'csv'] as const)('gives one error row for empty %s', (format) => {
    expect(errorOf(parse(' \n', format)).message).toContain('no crystal');
  });
});

describe('bad rows', () => {
  const good = writeCrystals([ROCKSALT], 'jsonl').trim();
  it.each([
    ['{"lattice": [[1,0,0],[0,1,0]], "species": ["H"], "frac": [[0,0,0]]}', 'three rows'],
    ['{"lattice": [[1,0,0],[0,1,0],[1,1,0]], "species": ["H"], "frac": [[0,0,0]]}', 'no volume'],
    ['{"lengths": [1,2,3], "species": ["H"], "frac": [[0,0,0]]}', 'give `lattice`'],
    ['{"lengths": [4,4,4], "angles": [120,120,150], "species": ["H"], "frac": [[0,0,0]]}', 'no cell has'],
    ['{"lattice": [[3,0,0],[0,3,0],[0,0,3]], "species": ["Xx"], "frac": [[0,0,0]]}', '"Xx" (atom 1)'],
    ['{"lattice": [[3,0,0],[0,3,0],[0,0,3]], "species": ["H"], "frac": []}', '1 species and 0 positions'],
    ['{"lattice": [[3,0,0],[0,3,0],[0,0,3]], "species": [], "frac": []}', 'at least one'],
    ['{"lattice": [[3,0,0],[0,3,0],[0,0,3]], "species": ["H"], "frac": [[0,0,null]]}', 'position of atom 1'],
    [
      '{"lattice": [[3,0,0],[0,3,0],[0,0,3]], "species": ["H"], "frac": [[0,0,0]], "eForm": "low"}',
      'formationEnergyPerAtom',
    ],
    ['{"lattice": ', 'not JSON'],
    ['[1]x', 'not JSON'],
    ['7', 'not a crystal'],
  ])('of JSON lines say what is wrong and where: %s', (line, message) => {
    const rows = parse(`${good}\n\n${line}\n${good}\n`, 'jsonl');
    expect(rows.map((r) => 'crystal' in r)).toEqual([true, false, true]);
    expect(errorOf(rows)).toMatchObject({
      line: 3,
      code: 'LCOMS_E_CRYSTAL',
      message: expect.stringContaining(message),
    });
  });

  const cif = writeCrystals([ROCKSALT], 'cif');
  it.each([
    ['Na Na1 0.0000000000 0.0000000000 0.0000000000 1', 'Na Na1 0 0 0 0.5', 24, 'occupancy 0.5'],
    ['Na Na1 0.0000000000', 'Na Na1 zero', 24, '_atom_site_fract_x is "zero"'],
    ['Na Na1', 'Qq Q1', 24, '"Qq"'],
    ["'x, y, z'", "'x, w, z'", 16, 'not a symmetry operation'],
    ['_cell_length_a 3.9', '_cell_length_a ? #', 4, '_cell_length_a is not given'],
    ['_atom_site_fract_x', '_atom_site_Cartn_x', 1, 'Cartesian coordinates are not read'],
    ['0.5000000000 1\n', '0.5000000000\n', 17, 'no multiple'],
    ['Cl Cl1 0.5000000000 0.5000000000 0.5000000000', 'Cl Cl1 0 0 0', 25, "disorder can't be read"],
    ["_symmetry_space_group_name_H-M 'P 1'", ';\nno end', 2, 'not closed'],
  ])('of a CIF: %s -> %s', (from, to, line, message) => {
    const rows = parse(`${cif.replace(from, to)}${to.startsWith(';') ? '' : `\n${cif}`}`, 'cif');
    expect(errorOf(rows)).toMatchObject({ line, message: expect.stringContaining(message) });
    if (!to.startsWith(';')) expect('crystal' in (rows[1] as CrystalRow)).toBe(true);
  });

  const poscar = writeCrystals([ROCKSALT], 'poscar');
  it.each([
    ['1.0', 'one', 2, 'scale'],
    ['Na Cl\n', '', 6, 'no species'],
    ['Na Cl', 'Na', 7, '1 species (Na) but 2 numbers'],
    ['Direct', 'Neither', 8, 'Direct or Cartesian'],
    ['  0.5  0.5  0.5\n', '', 10, 'atom 2 of 2'],
    ['0  2.82  2.82', '0  2.82', 3, 'lattice vector'],
  ])('of a POSCAR: %j -> %j', (from, to, line, message) => {
    expect(errorOf(parse(poscar.replace(from, to), 'poscar'))).toMatchObject({
      line,
      message: expect.stringContaining(message),
    });
  });

  const xyz = writeCrystals([ROCKSALT], 'extxyz');
  it.each([
    ['pbc="T T T"', 'pbc="T T F"', 1, 'periodic'],
    ['Lattice="0 ', 'Lattice="', 1, 'Lattice is'],
    ['species:S:1:', 'kind:S:1:', 1, 'must name species'],
    ['Na  0', 'Na  x', 3, 'atom 1 of 2'],
    ['Properties', 'energy=low Properties', 1, 'energy is "low"'],
  ])('of extended XYZ: %j -> %j, the next frame stays', (from, to, line, message) => {
    const rows = parse(xyz.replace(from, to) + xyz, 'extxyz');
    expect(errorOf(rows)).toMatchObject({ line, message: expect.stringContaining(message) });
    expect('crystal' in (rows[1] as CrystalRow)).toBe(true);
  });
});

describe("CDVAE's CSV", () => {
  const cif = writeCrystals([ROCKSALT], 'cif');
  const row = (id: string, text: string, energy: string): string => `${id},"${text}",${energy}\n`;

  it.each([
    ['formation_energy_per_atom', 'formationEnergyPerAtom'],
    ['heat_all', 'formationEnergyPerAtom'],
    ['energy_per_atom', 'energyPerAtom'],
  ] as const)('reads %s as %s', (column, member) => {
    const [read] = parse(`material_id,cif,${column}\n${row('mp-1', cif, '-1.5')}`, 'csv');
    expect(read).toMatchObject({ index: 0, line: 2, crystal: { id: 'mp-1', [member]: -1.5, species: ['Na', 'Cl'] } });
  });

  it('places errors at the line of the file', () => {
    const bad = cif.replace('Na Na1', 'Qq Q1');
    const rows = parse(
      `material_id,cif,energy_per_atom\n${row('a', cif, '1')}${row('b', bad, '1')}${row('c', cif, 'low')}`,
      'csv',
    );
    const lines = cif.split('\n').length;
    expect(rows.map((r) => r.line)).toEqual([2, 2 + lines + 23, 2 + 2 * lines]);
    expect(rows[2]).toMatchObject({ error: { message: expect.stringContaining('energy_per_atom is "low"') } });
  });

  it('names the columns found when there is no cif, and what is no table', () => {
    expect(() => parse('id,structure\n1,2\n', 'csv')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('id, structure') }),
    );
    expect(() => parse('id,cif\n1,"2\n', 'csv')).toThrow(expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }));
  });
});

describe('data beside the repository', () => {
  const data = sharedPath('data');
  it.skipIf(!data)('reads without an error row (skipped where it is absent)', async () => {
    const counts: Record<string, number> = {};
    for (const name of ['mp20k.jsonl.gz', 'ax-minima.jsonl.gz', 'heldout26.jsonl.gz', 'cdvae-format']) {
      const path = join(data as string, name);
      const files = name === 'cdvae-format' ? (await readdir(path)).map((f) => join(path, f)) : [path];
      for (const file of files) {
        const rows = await readCrystals(file);
        expect(rows.filter((r) => 'error' in r)).toEqual([]);
        counts[name] = (counts[name] ?? 0) + rows.length;
        const [first] = rows;
        expect(crystalSchema.safeParse(first && 'crystal' in first ? first.crystal : null).success).toBe(true);
      }
    }
    expect(counts).toEqual({
      'mp20k.jsonl.gz': 19275,
      'ax-minima.jsonl.gz': 5707,
      'heldout26.jsonl.gz': 106,
      'cdvae-format': 11931,
    });
  });
});
