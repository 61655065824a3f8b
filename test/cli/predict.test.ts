import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readCrystals } from '../../lib/crystal/io/read.js';
import { symmetry } from '../../lib/crystal/symmetry.js';
import { predictionRecordSchema } from '../../schemas/prediction.js';
import { emptyFolder, expectOneScreen, lcoms, start } from './lcoms.js';
import { toyModelFolder } from './toy-model-folder.js';

const folder = emptyFolder();
mkdirSync(path.join(folder, 'bad'));
writeFileSync(path.join(folder, 'bad', 'file'), '');
let model = '';

beforeAll(async () => {
  model = await toyModelFolder(folder);
}, 120_000);

interface Line {
  formula: string;
  rank: number;
  file: string;
  energyPerAtom: number;
  energyAboveBest: number;
  spaceGroup: string;
  seconds: number;
  atoms: number;
  confidence: { level: string; notes: string[] };
  source: string;
  sources: string[];
  madeFrom: string;
  portfolio?: { source: string; proposed: number; distinct: number; bestEnergyPerAtom: number; cpuSeconds: number }[];
}

test.each([
  [['Mgo'], 'LCOMS_E_FORMULA', '"o" at character 3'],
  [['Xx2O'], 'LCOMS_E_FORMULA', '"Xx" is not an element symbol'],
  [['D2O'], 'LCOMS_E_FORMULA', 'for deuterium write H'],
  [['Mg0.5O'], 'LCOMS_E_FORMULA', 'the amount 0.5 is no whole number'],
  [['MgO', '--tries', '0'], 'LCOMS_E_USAGE', '--tries is "0"'],
  [['MgO', '--cell', 'large'], 'LCOMS_E_USAGE', 'primitive or conventional'],
  [['MgO', '--out', 'file'], 'LCOMS_E_FILE', 'is a file'],
  [['MgO', '--out', 'file/below'], 'LCOMS_E_FILE', 'is a file'],
  [['MgO', '--model', 'nowhere'], 'LCOMS_E_NOT_FOUND', 'nowhere'],
  [['YbO'], 'LCOMS_E_ELEMENT_UNKNOWN', 'chgnet does not know Yb'],
  [['MgO', 'BaO'], 'LCOMS_E_UNSEEN', 'has not seen Ba (in BaO); it was trained on Br Ca Cl'],
  [['MgO', '--atoms', '3'], 'LCOMS_E_INPUT', 'nearest are 2 and 4'],
  [['MgO', '--atoms', '60'], 'LCOMS_E_UNSEEN', 'trained on cells of 2 atoms'],
  [['MgCl2'], 'LCOMS_E_UNSEEN', 'any multiple of the 3 atoms of MgCl2'],
  [['MgO', '--budget', 'soon'], 'LCOMS_E_USAGE', '--budget is "soon"; it must be a time above 0, e.g. 60s'],
  [['MgO', '--budget', '0s'], 'LCOMS_E_USAGE', '--budget is "0s"'],
  [
    ['MgO', '--sources', 'template,magic'],
    'LCOMS_E_USAGE',
    '--sources is "magic"; it must be template or decoration or prototype',
  ],
  [['MgO', '--rank-by', 'beauty'], 'LCOMS_E_USAGE', '--rank-by is "beauty"; it must be precedents or energy'],
  [['MgO', '--data', 'nowhere.jsonl'], 'LCOMS_E_FILE', 'nowhere.jsonl'],
])('%j is refused before anything is written: %s', async (args, code, message) => {
  const cwd = path.join(folder, 'bad');
  const finished = await lcoms(cwd, ['predict', ...(args.includes('--model') ? args : [...args, '--model', model])]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
  expect(finished.stdout).toBe('');
  expect(readdirSync(cwd)).toEqual(['file']);
});

test('a line a structure, lowest first, whose files hold what they say; the same seed gives the same bytes', async () => {
  const args = (out: string): string[] => ['predict', 'MgO', 'OMg', '--model', model, '--tries', '3', '--out', out];
  const { code, stdout, stderr } = await lcoms(folder, [...args('first/found'), '--json']);
  expect(code).toBe(0);
  expect(stderr).toContain('MgO: best after');
  const lines = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
  expect(lines.map(({ rank }) => rank)).toEqual(lines.map((_, i) => i + 1));
  const energies = lines.map(({ energyPerAtom }) => energyPerAtom);
  expect(energies).toEqual([...energies].sort((a, b) => a - b));
  expect(lines[0]?.energyAboveBest).toBe(0);
  for (const { formula, rank, file, energyPerAtom, spaceGroup, atoms, confidence } of lines) {
    expect(formula).toBe('MgO');
    expect(file).toBe(`first/found/MgO-${rank}.cif`);
    expect(confidence.notes.length).toBeGreaterThan(1);
    const [row] = await readCrystals(path.join(folder, file));
    if (!row || !('crystal' in row)) throw new Error(`${file} holds no crystal`);
    expect([...row.crystal.species].sort()).toEqual([
      ...Array<string>(atoms / 2).fill('Mg'),
      ...Array<string>(atoms / 2).fill('O'),
    ]);
    expect(symmetry(row.crystal, 0.05).symbol).toBe(spaceGroup);
    const scored = await lcoms(folder, ['score', file, '--json']);
    expect((JSON.parse(scored.stdout) as Line).energyPerAtom).toBeCloseTo(energyPerAtom, 4);
  }
  // Which source gave each, and what each of them gave: the winner's has the lowest energy of all.
  for (const { source, sources, rank, portfolio } of lines) {
    expect(sources).toContain(source);
    expect(portfolio === undefined).toBe(rank !== 1);
  }
  const portfolio = lines[0]?.portfolio ?? [];
  expect(portfolio.reduce((sum, { proposed }) => sum + proposed, 0)).toBe(3);
  expect(portfolio.find(({ source }) => source === lines[0]?.source)?.bestEnergyPerAtom).toBeCloseTo(
    lines[0]?.energyPerAtom ?? Number.NaN,
    5,
  );
  const record = predictionRecordSchema.parse(
    JSON.parse(readFileSync(path.join(folder, 'first/found/MgO.json'), 'utf8')),
  );
  expect(record.portfolio?.map(({ source }) => source)).toEqual(portfolio.map(({ source }) => source));
  expect(record.reproducible).toBe(true);
  expect(record).toMatchObject({ formula: 'MgO', seed: 0, complete: true, triesFinished: 3, model: { name: 'toy' } });
  expect(record.candidates[0]?.energyPerAtom).toBe(lines[0]?.energyPerAtom);

  // A record of the compound that lies there already is replaced, with the files that it named.
  mkdirSync(path.join(folder, 'second'));
  const earlier = { ...record, candidates: [{ ...record.candidates[0], file: 'MgO-9.cif' }] };
  writeFileSync(path.join(folder, 'second', 'MgO.json'), JSON.stringify(earlier));
  writeFileSync(path.join(folder, 'second', 'MgO-9.cif'), 'old');
  writeFileSync(path.join(folder, 'second', 'MgO-8.cif'), 'of somebody else');
  const again = await lcoms(folder, args('second'));
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/rank +eV\/atom +meV above/);
  expect(again.stdout).toContain(`confidence ${lines[0]?.confidence.level}:`);
  const names = readdirSync(path.join(folder, 'first/found')).sort();
  expect(readdirSync(path.join(folder, 'second')).sort()).toEqual([...names, 'MgO-8.cif'].sort());
  for (const name of names) {
    const [a, b] = ['first/found', 'second'].map((out) => readFileSync(path.join(folder, out, name), 'utf8'));
    expect(b).toBe(a);
  }
}, 400_000);

test('a budget of CPU time ends the search, and the record says that it is not the same each time', async () => {
  const args = (budget: string, out: string) => ['predict', 'CaBr', '--model', model, '--budget', budget, '--out', out];
  const { code, stdout, stderr } = await lcoms(folder, [
    ...args('4s', 'timed'),
    '--sources',
    'prototype, random start',
  ]);
  expect(stderr).toContain('CaBr: best after');
  expect(code).toBe(0);
  expect(stdout).toMatch(/source +proposed +relaxed +given up +structures +best eV\/atom +CPU s/);
  const record = predictionRecordSchema.parse(JSON.parse(readFileSync(path.join(folder, 'timed/CaBr.json'), 'utf8')));
  expect(record).toMatchObject({ complete: true, reproducible: false, options: { budgetSeconds: 4 } });
  for (const { source } of record.portfolio ?? []) expect(['prototype', 'random start']).toContain(source);

  const nothing = await lcoms(folder, [...args('0.001s', 'hasty'), '--json']);
  expect(nothing.code).toBe(4);
  expect(JSON.parse(nothing.stdout.trim())).toMatchObject({ formula: 'CaBr', error: { code: 'LCOMS_E_RUN_FAILED' } });
  expect(nothing.stderr).toContain('0.001 CPU seconds');
}, 400_000);

test('interrupted, it keeps what was found so far', async () => {
  const args = ['predict', 'NaCl', '--model', model, '--tries', '500', '--out', 'stopped', '--cell', 'conventional'];
  const running = start(folder, [...args, '--json']);
  await running.prints(/NaCl: best after/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  const [first] = stdout.trim().split('\n');
  const line = JSON.parse(first ?? '') as Line;
  expect(line).toMatchObject({ formula: 'NaCl', rank: 1, file: 'stopped/NaCl-1.cif' });
  expect(line.confidence.notes).toContain('the search was interrupted');
  const record = predictionRecordSchema.parse(JSON.parse(readFileSync(path.join(folder, 'stopped/NaCl.json'), 'utf8')));
  expect(record.complete).toBe(false);
  expect(record.triesFinished).toBeLessThan(500);
  expect(readdirSync(path.join(folder, 'stopped')).filter((name) => name.includes('partial'))).toEqual([]);
}, 120_000);

test('what the model has not seen is tried with --unseen, and said', async () => {
  const args = [
    'predict',
    'AgBr',
    '--model',
    model,
    '--tries',
    '1',
    '--unseen',
    '--atoms',
    '2',
    '--out',
    'unseen',
    '--json',
  ];
  const { code, stdout, stderr } = await lcoms(folder, args);
  expect(stderr).toContain('warning: AgBr: the model has not seen the element Ag');
  const line = JSON.parse(stdout.trim().split('\n')[0] ?? '') as Line & { error?: { code: string } };
  // One try of a model that knows nothing may find nothing; then that is said.
  if (code === 0) expect(line.confidence).toMatchObject({ level: 'low' });
  else {
    expect(code).toBe(4);
    expect(line.error?.code).toBe('LCOMS_E_RUN_FAILED');
  }
}, 120_000);
