import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, lcoms, STARTS_ONLY, TINY_DATA } from './lcoms.js';

test('a run over a file of sets counts by group, draws curves over CPU seconds, and keeps times out of its result', async () => {
  const folder = emptyFolder();
  const text = readFileSync(STARTS_ONLY, 'utf8')
    .replace('tiny.jsonl', TINY_DATA)
    .replace('compounds: [MgO, NaCl]', 'compounds: {file: sets.json, set: validation, limit: 1}\ntries: 2');
  writeFileSync(path.join(folder, 'spec.yaml'), text);
  const [easy, hard] = [['NaCl', 'AgBr'], ['MgO']].map((all) => all.map((formula) => ({ formula, atoms: 2 })));
  writeFileSync(path.join(folder, 'sets.json'), JSON.stringify({ validation: { easy, hard } }));

  const ran = await lcoms(folder, ['run', 'spec.yaml', '--out', 'out']);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('By group');
  expect(ran.stdout).toContain('over log CPU seconds from 0.1 to 1000');
  const read = (name: string): string => readFileSync(path.join(folder, 'out', name), 'utf8');
  const lines = (name: string): string[][] =>
    read(name)
      .trim()
      .split('\n')
      .map((line) => line.split(','));
  const named = lines('areas.csv').slice(1);
  expect(named.map(([group, method]) => `${group} ${method}`)).toEqual(
    ['easy', 'hard', 'all'].flatMap((group) => [`${group} lcom`, `${group} start`]),
  );
  for (const [group, , compounds, tries, seconds] of named) {
    expect([compounds, tries]).toEqual([group === 'all' ? '2' : '1', '2']);
    expect(Number(seconds)).toBeGreaterThan(0);
  }
  expect(new Set(lines('curves.csv').map(([group]) => group))).toEqual(new Set(['group', 'easy', 'hard', 'all']));
  for (const group of ['easy', 'hard', 'all']) {
    expect(read(`curves/${group}.svg`)).toContain('<svg');
    expect(existsSync(path.join(folder, 'out', 'curves', `${group}.vl.json`))).toBe(true);
  }
  const { byGroup, groups } = JSON.parse(read('results.json')) as { byGroup: object[]; groups: object };
  expect(Object.keys(groups)).toEqual(['easy', 'hard']);
  expect(byGroup).toHaveLength(6);

  const before = read('results.json');
  const again = await lcoms(folder, ['run', 'spec.yaml', '--out', 'out']);
  expect(again.code).toBe(0);
  expect(read('results.json')).toBe(before);
  expect(again.stderr + again.stdout).toContain('cached');
}, 240_000);
