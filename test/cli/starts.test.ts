import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyFolder, lcoms, STARTS_ONLY } from './lcoms.js';

test('a run with symmetric starts of several sizes', async () => {
  const home = emptyFolder();
  const { code, stderr } = await lcoms(home, [
    ...['run', STARTS_ONLY, '--out', 'out', '--set', 'tries=3'],
    ...['--set', 'steps.start-structures={kind: symmetric, atoms: search, fmax: 1, maxSteps: 100}'],
    ...['--set', 'compounds=[MgO, {formula: NaCl, atoms: [2, 6]}]'],
  ]);
  expect(stderr).toContain('tests only');
  expect(code).toBe(0);
  const [head = '', ...lines] = readFileSync(`${home}/out/results.csv`, 'utf8').trim().split('\n');
  const column = (name: string) => head.split(',').indexOf(name);
  const searched = lines.map((line) => line.split(',')).filter((row) => row[column('method')] === 'lcom');
  const tries = searched.map((row) => `${row[column('formula')]} ${row[column('try')]}`);
  expect(tries).toEqual(['MgO 0', 'MgO 1', 'MgO 2', 'NaCl 0', 'NaCl 1', 'NaCl 2']);
  for (const row of searched) expect(Number(row[column('atoms')]) % 2).toBe(0);
});

test('a size that is no multiple, or no size at all, is named with its place', async () => {
  const home = emptyFolder();
  const bad = await lcoms(home, ['plan', STARTS_ONLY, '--set', 'compounds=[{formula: MgO, atoms: [2, 5]}]']);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('compounds[0].atoms');
  const wrong = await lcoms(home, ['plan', STARTS_ONLY, '--set', 'steps.start-structures={kind: cubic}']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/random.*symmetric/);
  const word = await lcoms(home, ['plan', STARTS_ONLY, '--set', 'compounds=[{formula: MgO, atoms: all}]']);
  expect(word.code).toBe(2);
  expect(word.stderr).not.toMatch(/at .*\.js:/);
});
