import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHGNET_MODELS } from '../../plugins/scorers/chgnet/session.js';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, start } from './lcoms.js';
import { rocksaltRow } from './rocksalt-row.js';

const folder = emptyFolder();
const at = (name: string): string => path.join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

interface Row {
  id: string;
  formula: string;
  species: string[];
  energyPerAtom: number;
  from: string;
  perturbation: string;
}
const rowsOf = (name: string): Row[] =>
  text(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

/** Two cation sites that differ: here species can be swapped. */
const perovskite = (a: number, id: string): string =>
  `${JSON.stringify({
    id,
    lattice: [
      [a, 0, 0],
      [0, a, 0],
      [0, 0, a],
    ],
    species: ['Ca', 'Ti', 'O', 'O', 'O'],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ],
  })}\n`;

const SALTS = Array.from({ length: 30 }, (_, i) => rocksaltRow(2.05 + i / 100, ['Mg', 'O'], { id: `mgo-${i}` }));
const PEROVSKITES = Array.from({ length: 6 }, (_, i) => perovskite(3.8 + i / 50, `cto-${i}`));
const INPUT = [...SALTS, ...PEROVSKITES];
writeFileSync(at('some.jsonl'), INPUT.join(''));
writeFileSync(at('turned.jsonl'), INPUT.toReversed().join(''));
const SCORER = { name: 'chgnet', version: 'r2scan', weights: CHGNET_MODELS.r2scan };

test('data perturb: rows off the minima, the same by any number of processes and in any order of the input', async () => {
  const args = ['data', 'perturb', 'some.jsonl', '--per', '2'];
  const { code, document } = await lcomsJson(folder, [...args, '--out', 'one.jsonl', '--jobs', '1']);
  expect(code).toBe(0);
  const rows = rowsOf('one.jsonl');
  expect(document).toMatchObject({ out: at('one.jsonl'), rows: rows.length, scorer: SCORER });
  expect(rows.length).toBeGreaterThan(60);
  const kinds = new Set(rows.map(({ perturbation }) => perturbation));
  expect([...kinds].sort()).toEqual(['rattle', 'shear', 'strain', 'swap']);
  for (const row of rows) {
    expect(row).toMatchObject({ offMinimum: true, scorer: SCORER });
    expect(row.id).toMatch(new RegExp(`^${row.from}/${row.perturbation}/[01]$`));
    // Of rock salt there is no swap.
    if (row.perturbation === 'swap') expect(row.formula).toBe('CaTiO3');
  }
  // Elements on each other's sites cost energy.
  const straight = await lcomsJson<Row>(folder, [
    'data',
    'score',
    'some.jsonl',
    '--out',
    'straight.jsonl',
    '--jobs',
    '1',
  ]);
  expect(straight.code).toBe(0);
  const energies = new Map(rowsOf('straight.jsonl').map((row) => [row.id, row.energyPerAtom]));
  for (const row of rows.filter(({ perturbation }) => perturbation === 'swap'))
    expect(row.energyPerAtom).toBeGreaterThan((energies.get(row.from) as number) + 0.1);

  expect((await lcoms(folder, [...args, '--out', 'two.jsonl', '--jobs', '2'])).code).toBe(0);
  expect(text('two.jsonl')).toBe(text('one.jsonl'));
  const turned = ['data', 'perturb', 'turned.jsonl', '--per', '2', '--out', 'three.jsonl', '--jobs', '1'];
  expect((await lcoms(folder, turned)).code).toBe(0);
  const sorted = (name: string): string[] => text(name).split('\n').sort();
  expect(sorted('three.jsonl')).toEqual(sorted('one.jsonl'));
  expect((await lcoms(folder, [...args, '--out', 'other.jsonl', '--seed', '1'])).code).toBe(0);
  expect(text('other.jsonl')).not.toBe(text('one.jsonl'));

  // Scored again by another judge they are still no minima.
  const again = ['data', 'score', 'one.jsonl', '--out', 'again.jsonl', '--with', '{model: 0.3.0}', '--jobs', '1'];
  expect((await lcoms(folder, again)).code).toBe(0);
  const marks = (name: string) => rowsOf(name).map((row) => ({ ...row, energyPerAtom: 0, maxForce: 0, scorer: 0 }));
  expect(marks('again.jsonl')).toEqual(marks('one.jsonl'));
});

test('data perturb: killed and given again with the same options alone, it writes the same bytes', async () => {
  const args = (out: string, ...more: string[]): string[] => [
    'data',
    'perturb',
    'some.jsonl',
    '--out',
    out,
    '--per',
    '4',
    '--jobs',
    '1',
    ...more,
  ];
  expect((await lcoms(folder, args('whole.jsonl.gz'))).code).toBe(0);
  const running = start(folder, args('killed.jsonl.gz'));
  const log = at('killed.jsonl.gz.partial');
  const deadline = performance.now() + 60_000;
  while (!(existsSync(log) && readFileSync(log, 'utf8').split('\n').length > 2) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  running.child.kill('SIGKILL');
  await running.finished;
  expect(existsSync(at('killed.jsonl.gz'))).toBe(false);
  expectOneScreen(await lcoms(folder, args('killed.jsonl.gz', '--seed', '3')), 'LCOMS_E_CHECKPOINT_INCOMPATIBLE');
  expect((await lcoms(folder, args('killed.jsonl.gz'))).code).toBe(0);
  expect(readFileSync(at('killed.jsonl.gz')).equals(readFileSync(at('whole.jsonl.gz')))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test('data perturb: what is left out is counted, what is wrong is named', async () => {
  const lines = [
    SALTS[0],
    '{"species": ["Mg"]}\n',
    perovskite(3.9, 'big'),
    rocksaltRow(2.1, ['Mg', 'O'], { offMinimum: true }),
    rocksaltRow(2.1, ['Mg', 'O'], { offMinimum: 'maybe' }),
    rocksaltRow(2.7, ['Yb', 'O']),
    rocksaltRow(0.9, ['Mg', 'O']),
  ];
  writeFileSync(at('odd.jsonl'), lines.join(''));
  const args = ['data', 'perturb', 'odd.jsonl', '--out', 'odd-out.jsonl', '--jobs', '1', '--max-atoms', '4'];
  const { code, document, stderr } = await lcomsJson(folder, [...args, '--kinds', 'strain']);
  expect(code).toBe(0);
  expect(document).toMatchObject({
    rows: 1,
    leftOut: 6,
    kinds: { strain: 1 },
    skipped: { atoms: 1, offMinimum: 1, overlap: 1 },
  });
  expect(stderr).toContain('odd.jsonl:2  LCOMS_E_CRYSTAL: no cell');
  expect(stderr).toContain('odd.jsonl:5  LCOMS_E_CRYSTAL: offMinimum is "maybe"');
  expect(stderr).toContain('odd.jsonl:6  LCOMS_E_ELEMENT_UNKNOWN');
  const none = await lcoms(folder, [
    'data',
    'perturb',
    'odd.jsonl',
    '--out',
    'none.jsonl',
    '--jobs',
    '1',
    '--kinds',
    'swap',
    '--max-atoms',
    '2',
  ]);
  expect(none.code).toBe(2);
  expectOneScreen(none, 'LCOMS_E_DATA_EMPTY');
  expect(none.stderr).toContain('3 that no kind changes');
  expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([]);
});

test.each([
  [['some.jsonl'], 'LCOMS_E_USAGE', '--out is missing'],
  [['some.jsonl', '--out', 'x.jsonl', '--kinds', 'strain,swop'], 'LCOMS_E_USAGE', 'strain,shear,rattle,swap'],
  [['some.jsonl', '--out', 'x.jsonl', '--per', '0'], 'LCOMS_E_USAGE', '--per is "0"'],
  [['some.jsonl', '--out', 'x.jsonl', '--max-atoms', 'many'], 'LCOMS_E_USAGE', '--max-atoms'],
  [['nowhere.cif', '--out', 'x.jsonl'], 'LCOMS_E_FILE', 'nowhere.cif'],
])('data perturb %j', async (args, code, message) => {
  const finished = await lcoms(folder, ['data', 'perturb', ...args]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
  expect(existsSync(at('x.jsonl'))).toBe(false);
});
