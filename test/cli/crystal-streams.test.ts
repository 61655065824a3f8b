import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, type Finished, lcoms, lcomsFrom, lcomsJson, start } from './lcoms.js';
import { rocksaltRow } from './rocksalt-row.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = emptyFolder();
const put = (name: string, text: string | Buffer): void => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
};
const cif = (occupancy: number): string =>
  `data_x\n_cell_length_a 2.6\n_cell_length_b 2.6\n_cell_length_c 2.6\n_cell_angle_alpha 90\n_cell_angle_beta 90
_cell_angle_gamma 90\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z
_atom_site_occupancy\nMg1 0 0 0 ${occupancy}\nO1 0.5 0.5 0.5 1\n`;
const extxyz = '2\nLattice="0 2.1 2.1 2.1 0 2.1 2.1 2.1 0" Properties=species:S:1:pos:R:3\nMg 0 0 0\nO 2.1 2.1 2.1\n';
const poscar = 'MgO\n1.0\n0 2.1 2.1\n2.1 0 2.1\n2.1 2.1 0\nMg O\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n';

interface Line {
  file: string;
  index: number;
  formula?: string;
  energyPerAtom?: number;
  number?: number;
  match?: boolean;
  with?: { file: string; index: number } | null;
  error?: { code: string; message: string };
}
const linesOf = ({ stdout }: Finished): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
const placesOf = (lines: Line[]): [string, number][] => lines.map(({ file, index }) => [file, index]);

put('set/b.jsonl', rocksaltRow(2.1) + rocksaltRow(2.2));
put('set/a.cif', cif(1));
put('set/POSCAR', poscar);
put('set/c.extxyz', extxyz + extxyz);
put('set/d.jsonl.gz', gzipSync(rocksaltRow(2.3)));
put('set/notes.txt', 'no crystal');
put('set/results.json', '{"metrics": 1}');
put('set/inner/e.cif', cif(1));

test('a folder: the crystal files in it by name, each with its place, whatever the number of processes', async () => {
  const one = await lcoms(folder, ['score', 'set', '--json', '--jobs', '1']);
  expect(one.code).toBe(0);
  expect(placesOf(linesOf(one))).toEqual([
    ['set/POSCAR', 0],
    ['set/a.cif', 0],
    ['set/b.jsonl', 0],
    ['set/b.jsonl', 1],
    ['set/c.extxyz', 0],
    ['set/c.extxyz', 1],
    ['set/d.jsonl.gz', 0],
  ]);
  const named = await lcoms(folder, ['symmetry', 'set', '--json']);
  expect(linesOf(named).map(({ number }) => number)).toEqual([225, 221, 225, 225, 225, 225, 225]);
  const matched = linesOf(await lcoms(folder, ['match', 'set', 'set/b.jsonl', '--json']));
  expect(matched.map(({ match, with: other }) => [match, other?.index])).toEqual([
    [true, 0],
    [false, undefined],
    ...Array.from({ length: 5 }, () => [true, 0]),
  ]);
});

test('stdin, in any format: the same lines as from files; more processes, the same bytes', async () => {
  const many = Array.from({ length: 40 }, (_, i) => rocksaltRow(2 + i / 200)).join('');
  put('many.jsonl', many);
  const file = await lcoms(folder, ['score', 'many.jsonl', '--json', '--jobs', '1']);
  expect(linesOf(file).map(({ index }) => index)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  const piped = await lcomsFrom(many, folder, ['score', '-', '--json', '--jobs', '2']);
  expect(piped.code).toBe(0);
  expect(piped.stdout.replaceAll('"file":"-"', '"file":"many.jsonl"')).toBe(file.stdout);
  for (const text of [cif(1), poscar, extxyz]) {
    expect(linesOf(await lcomsFrom(text, folder, ['score', '-', '--json']))[0]?.formula).toBe('MgO');
  }
  const unknown = await lcomsFrom('dear colleague\n', folder, ['score', '-', '--json']);
  expect(unknown.code).toBe(2);
  expect(linesOf(unknown)[0]?.error).toMatchObject({ code: 'LCOMS_E_FILE' });
  const named = await lcomsFrom('dear colleague\n', folder, ['score', '-', '--json', '--format', 'cif']);
  expect(linesOf(named)[0]?.error?.message).toContain('read as cif');
});

put(
  'bad.jsonl',
  [
    rocksaltRow(2.11),
    '{"species": ["Mg"]}\n',
    rocksaltRow(0),
    rocksaltRow(2.11, ['Mg', 'Xx']),
    rocksaltRow(2.11, ['Po', 'O']),
    rocksaltRow(2.11).replace('[0.5,0.5,0.5]', '[0.001,0,0]'),
    rocksaltRow(2.11).replace('0.5', 'NaN'),
    rocksaltRow(2.2),
  ].join(''),
);
put('empty.cif', '');
put('partial.cif', cif(0.5));
put('torn.jsonl.gz', gzipSync(rocksaltRow(2.1).repeat(4000)).subarray(0, 500));
const BAD = ['bad.jsonl', 'empty.cif', 'partial.cif', 'torn.jsonl.gz', 'set/POSCAR'];

test.each([
  ['score', [], /element symbol|does not know Po/],
  ['relax', ['--out', 'relaxed'], /element symbol|does not know Po/],
  ['symmetry', [], /element symbol/],
])('%s: what is no crystal is named with its place, and the others get their answer', async (verb, more, element) => {
  const finished = await lcoms(folder, [verb, ...BAD, ...more, '--json']);
  expect(finished.code).toBe(2);
  const lines = linesOf(finished);
  const of = (file: string): Line[] => lines.filter((line) => line.file === file);
  expect(of('bad.jsonl').map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const messages = of('bad.jsonl').map(({ error }) => error?.message ?? '');
  expect([messages[0], messages[7]]).toEqual(['', '']);
  expect(messages[1]).toMatch(/^line 2: no cell/);
  expect(messages[2]).toMatch(/^line 3: .*no volume/);
  expect(messages[3]).toMatch(element);
  if (verb !== 'symmetry') expect(messages[4]).toMatch(element);
  expect(messages[5]).toMatch(/Atoms 1 and 2 are 0\.\d+ A apart/);
  expect(messages[6]).toMatch(/^line 7: not JSON/);
  expect(of('empty.cif')[0]?.error?.message).toMatch(/no crystal/);
  expect(of('partial.cif')[0]?.error?.message).toMatch(/^line 14: .*occupancy 0.5/);
  expect(of('torn.jsonl.gz').at(-1)?.error).toMatchObject({ code: 'LCOMS_E_FILE' });
  expect(of('set/POSCAR').map(({ error }) => error)).toEqual([undefined]);
});

test('a scorer that gives no number: that crystal is named, the others are scored', async () => {
  const home = path.join(folder, 'nan');
  mkdirSync(path.join(home, 'node_modules'), { recursive: true });
  symlinkSync(root, path.join(home, 'node_modules', 'lcoms'));
  symlinkSync(path.join(root, 'node_modules', 'zod'), path.join(home, 'node_modules', 'zod'));
  writeFileSync(
    path.join(home, 'lcoms.config.ts'),
    `import { defineConfig, definePlugin } from 'lcoms';
    import { z } from 'zod';
    const evaluate = async (crystals) => crystals.map(({ species }) => ({
      energy: species.includes('Na') ? NaN : -species.length,
      forces: new Float64Array(3 * species.length), stress: new Float64Array(9),
    }));
    const scorer = {
      identity: { name: 'flaky', version: '1', weights: null }, elements: new Set(['Mg', 'Na', 'O', 'Cl']),
      elementReferences: null, evaluate, secondOpinion: async () => null, dispose: async () => undefined,
    };
    export default defineConfig({ plugins: [definePlugin({
      apiVersion: 1, kind: 'scorer', name: 'flaky', version: '1.0.0', cacheVersion: 0, summary: 'toy', cite: [],
      options: z.strictObject({}), capabilities: {}, create: async () => scorer,
    })] });`,
  );
  writeFileSync(path.join(home, 'some.jsonl'), rocksaltRow(2.1) + rocksaltRow(2.8, ['Na', 'Cl']) + rocksaltRow(2.2));
  for (const more of [['score'], ['relax', '--out', 'out']]) {
    const [verb = '', ...rest] = more;
    const finished = await lcoms(home, [verb, 'some.jsonl', ...rest, '--scorer', 'scorer/flaky', '--json']);
    expect(finished.code).toBe(2);
    const lines = linesOf(finished);
    expect(lines.map(({ energyPerAtom }) => energyPerAtom)).toEqual([-1, undefined, -1]);
    expect(lines[1]?.error).toMatchObject({
      code: 'LCOMS_E_CRYSTAL',
      message: expect.stringContaining('the scorer gave'),
    });
  }
});

test('10,000 crystals on stdin: memory stays bounded, answers come before the end, in order', async () => {
  // 300 MB of text under a heap of 80 MB; most of it fails at once, which leaves the passing through.
  const note = 'x'.repeat(30_000);
  let given = 0;
  const text = function* () {
    for (; given < 10_000; given++) yield rocksaltRow(2.11, [given % 1000 === 0 ? 'Mg' : 'Po', 'O'], { note });
  };
  const running = start(
    folder,
    ['score', '-', '--json'],
    { NODE_OPTIONS: '--max-old-space-size=80' },
    Readable.from(text()),
  );
  await running.prints(/"index":500,/);
  expect(given).toBeLessThan(9000);
  const finished = await running.finished;
  expect(finished.code).toBe(2);
  const lines = linesOf(finished);
  expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  expect(lines.filter(({ error }) => !error).map(({ index }) => index)).toEqual(
    Array.from({ length: 10 }, (_, i) => 1000 * i),
  );
}, 180_000);

test('a folder without crystals, a missing file: said before anything is done', async () => {
  mkdirSync(path.join(folder, 'bare'));
  const bare = await lcoms(folder, ['score', 'bare']);
  expect(bare.code).toBe(2);
  expectOneScreen(bare, 'LCOMS_E_FILE');
  const missing = await lcoms(folder, ['score', 'set', 'nowhere.cif', '--json']);
  expect(missing.code).toBe(2);
  expect(missing.stdout.trim().startsWith('{\n  "error"')).toBe(true);
});

test('relax: files named after their crystals, the same from any number of processes', async () => {
  const args = (out: string, jobs: string): string[] => ['relax', 'set', '--out', out, '--jobs', jobs, '--json'];
  const one = await lcoms(folder, args('one', '1'));
  const two = await lcoms(folder, args('two', '2'));
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(two.stdout.replaceAll('two/', 'one/')).toBe(one.stdout);
  const names = ['POSCAR', 'a', 'b-0', 'b-1', 'c-0', 'c-1', 'd'].map((name) => `${name}.cif`);
  for (const name of names) {
    expect(readFileSync(path.join(folder, 'two', name), 'utf8')).toBe(
      readFileSync(path.join(folder, 'one', name), 'utf8'),
    );
  }
  expect(linesOf(one).map((line) => (line as Line & { out: string }).out)).toEqual(names.map((n) => `one/${n}`));
});

interface Relaxed extends Line {
  pressure: number;
  enthalpyPerAtom?: number;
  converged: boolean;
  steps: number;
  spaceGroup: string;
  out: string;
  trajectory?: string;
}

test('relax: pressure, constant volume, a fixed cell, the way there', async () => {
  put('loose.jsonl', rocksaltRow(2.2));
  const relax = async (...more: string[]): Promise<Relaxed> =>
    (await lcomsJson<Relaxed>(folder, ['relax', 'loose.jsonl', '--out', 'how', '--fmax', '0.01', ...more])).document;
  const free = await relax();
  const pressed = await relax('--pressure', '20', '--method', 'lbfgs');
  expect(Math.abs(free.pressure)).toBeLessThan(0.3);
  expect(free.enthalpyPerAtom).toBeUndefined();
  expect(pressed.converged).toBe(true);
  expect(Math.abs(pressed.pressure - 20)).toBeLessThan(0.3);
  expect(pressed.energyPerAtom).toBeGreaterThan(free.energyPerAtom ?? 0);
  expect(pressed.enthalpyPerAtom).toBeGreaterThan(pressed.energyPerAtom ?? 0);
  for (const cell of ['volume', 'fixed']) expect(await relax('--cell', cell)).toMatchObject({ steps: 0 });

  const { steps, trajectory = '', energyPerAtom } = await relax('--trajectory');
  expect(trajectory).toBe('how/trajectories/loose.extxyz');
  const scored = linesOf(await lcoms(folder, ['score', trajectory, '--json']));
  expect(scored).toHaveLength(steps + 1);
  const energies = [...readFileSync(path.join(folder, trajectory), 'utf8').matchAll(/energy_per_atom=(\S+)/g)];
  expect(Number(energies.at(-1)?.[1])).toBe(energyPerAtom);
  for (const [i, { energyPerAtom: again }] of scored.entries()) expect(again).toBeCloseTo(Number(energies[i]?.[1]), 5);
});

test('relax: a crystal on a saddle stays there unless it is rattled', async () => {
  put('saddle.cif', cif(1).replaceAll('Mg1', 'Zn1').replaceAll('2.6', '2.7'));
  const relax = async (...more: string[]): Promise<Relaxed> =>
    (await lcomsJson<Relaxed>(folder, ['relax', 'saddle.cif', '--out', 'saddle', '--method', 'lbfgs', ...more]))
      .document;
  const still = await relax();
  const moved = await relax('--rattle', '0.05', '--seed', '1');
  expect(still).toMatchObject({ converged: true, spaceGroup: 'Pm-3m' });
  expect(moved.energyPerAtom).toBeLessThan((still.energyPerAtom ?? 0) - 0.3);
  expect(await relax('--rattle', '0.05', '--seed', '1')).toEqual(moved);
});
