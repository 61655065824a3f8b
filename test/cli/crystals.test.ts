import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, start } from './lcoms.js';

const folder = emptyFolder();
const line = (a: number): string =>
  JSON.stringify({
    lattice: [
      [0, a, a],
      [a, 0, a],
      [a, a, 0],
    ],
    species: ['Mg', 'O'],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  });
writeFileSync(path.join(folder, 'mgo.jsonl'), `${line(2.11)}\n`);
writeFileSync(path.join(folder, 'large.jsonl'), `${line(2.4)}\n`);
writeFileSync(path.join(folder, 'some.jsonl'), `${line(2.11)}\n{"species": ["Mg"]}\n${line(2.4)}\n`);

interface Scored {
  file: string;
  index: number;
  formula?: string;
  atoms?: number;
  energyPerAtom?: number;
  maxForce?: number;
  scorer?: { name: string; version: string; weights: string };
  error?: { code: string; message: string };
}

test('score: a line a crystal, those that can not be read among them', async () => {
  const { code, stdout } = await lcoms(folder, ['score', 'some.jsonl', '--json']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Scored);
  expect(code).toBe(2);
  expect(rows.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(rows[0]).toMatchObject({
    file: 'some.jsonl',
    formula: 'MgO',
    atoms: 2,
    scorer: { name: 'chgnet', version: 'r2scan' },
  });
  expect(rows[0]?.maxForce).toBeLessThan(1e-3);
  expect(rows[2]?.energyPerAtom).toBeGreaterThan(rows[0]?.energyPerAtom ?? Number.POSITIVE_INFINITY);
  expect(rows[1]?.error?.code).toMatch(/^LCOMS_E_/);
  expect(rows[1]?.error?.message).toContain('line 2');
  const people = await lcoms(folder, ['score', 'mgo.jsonl']);
  expect(people.code).toBe(0);
  expect(people.stdout).toMatch(/mgo\.jsonl +0 +MgO +2 +-\d+\.\d{4}/);
});

test('relax: to the minimum, written as CIF, which then matches', async () => {
  const { code, stdout } = await lcoms(folder, ['relax', 'large.jsonl', '--out', 'relaxed', '--json']);
  expect(code).toBe(0);
  const result = JSON.parse(stdout) as { converged: boolean; spaceGroup: string; out: string; energyPerAtom: number };
  expect(result).toMatchObject({ converged: true, spaceGroup: 'Fm-3m', out: 'relaxed/large.cif' });
  expect(readdirSync(path.join(folder, 'relaxed'))).toEqual(['large.cif']);
  const symmetry = await lcomsJson(folder, ['symmetry', result.out]);
  expect(symmetry.document).toEqual({ number: 225, symbol: 'Fm-3m' });
  const match = await lcomsJson<{ match: boolean; rms: number }>(folder, ['match', result.out, 'mgo.jsonl']);
  expect(match.document.match).toBe(true);
  expect(match.document.rms).toBeLessThan(1e-6);
});

test.each([
  [['relax', 'mgo.jsonl'], 'LCOMS_E_USAGE', '--out is missing'],
  [['match', '-', '-'], 'LCOMS_E_USAGE', 'stdin can be read once'],
  [['score', 'mgo.jsonl', '--format', 'xyz'], 'LCOMS_E_USAGE', 'extxyz'],
  [['relax', 'mgo.jsonl', '--out', 'x', '--method', 'bfgs'], 'LCOMS_E_USAGE', 'fire or lbfgs'],
  [['relax', 'mgo.jsonl', '--out', 'x', '--cell', 'fixed', '--pressure', '1'], 'LCOMS_E_USAGE', 'needs a free cell'],
  [['relax', 'mgo.jsonl', '--out', 'x', '--pressure', 'high'], 'LCOMS_E_USAGE', '--pressure is "high"'],
  [['match', 'mgo.jsonl', 'mgo.jsonl', '--stol', 'x'], 'LCOMS_E_USAGE', '--stol is "x"'],
  [['symmetry', 'nowhere.cif'], 'LCOMS_E_FILE', 'nowhere.cif'],
  [['score', 'mgo.jsonl', '--scorer', 'scorer/chgnat'], 'LCOMS_E_PLUGIN_NOT_FOUND', 'Did you mean scorer/chgnet?'],
  [['score', 'mgo.jsonl', '--with', '{model: none}'], 'LCOMS_E_PLUGIN_OPTIONS', 'model'],
])('%j', async (args, code, message) => {
  const finished = await lcoms(folder, args);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
});

test('data simulate: interrupted and given again, it writes the same set', async () => {
  const args = (out: string): string[] => [
    'data',
    'simulate',
    'LiF',
    '--starts',
    '1',
    '--jobs',
    '2',
    '--out',
    out,
    '--json',
  ];
  const whole = await lcoms(folder, args('whole.jsonl'));
  expect(whole.code).toBe(0);
  const running = start(folder, args('again.jsonl'));
  const deadline = performance.now() + 30_000;
  // Interrupt as soon as one start has been logged.
  const logged = (): boolean =>
    readdirSync(folder).some(
      (name) =>
        name.startsWith('again.jsonl.log') && readFileSync(path.join(folder, name), 'utf8').split('\n').length > 2,
    );
  while (!logged() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill('SIGINT');
  const stopped = await running.finished;
  expect([0, 130]).toContain(stopped.code);
  if (stopped.code === 130) expect(existsSync(path.join(folder, 'again.jsonl'))).toBe(false);
  const again = await lcoms(folder, args('again.jsonl'));
  expect(again.code).toBe(0);
  expect(readFileSync(path.join(folder, 'again.jsonl'), 'utf8')).toBe(
    readFileSync(path.join(folder, 'whole.jsonl'), 'utf8'),
  );
});

test('plugins check: every rule a line, exit code 2 when one is broken', async () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const sound = await lcomsJson<{ ok: boolean; checks: { ok: boolean }[] }>(folder, [
    'plugins',
    'check',
    path.join(root, 'dist/plugins/optimizers/random/index.js'),
  ]);
  expect(sound.document.ok).toBe(true);
  expect(sound.code).toBe(0);
  const file = path.join(folder, 'bad.mjs');
  writeFileSync(file, "export default { apiVersion: 1, kind: 'scorer', name: 'bad', version: 'one' };\n");
  const broken = await lcoms(folder, ['plugins', 'check', file]);
  expect(broken.code).toBe(2);
  expectOneScreen(broken, 'LCOMS_E_PLUGIN_INVALID');
});
