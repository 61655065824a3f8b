import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyFolder, lcoms, lcomsJson, STARTS_ONLY, TINY } from './lcoms.js';

const home = emptyFolder();
const SCORER = ['--set', 'scorer.use=scorer/lennard-jones'];
const WARNING = 'scorer/lennard-jones is for tests only: its energies are no results';

test('listings say which plugins are for tests only', async () => {
  const { document } = await lcomsJson<{ id: string; testOnly: boolean }[]>(home, ['plugins', 'ls']);
  const marked = document.filter((plugin) => plugin.testOnly).map(({ id }) => id);
  expect(marked).toEqual(['scorer/ewald-born-mayer', 'scorer/lennard-jones']);
  expect((await lcoms(home, ['plugins', 'ls'])).stdout).toMatch(/scorer\/lennard-jones .*\(test only\)/);
  expect((await lcoms(home, ['plugins', 'show', 'scorer/ewald-born-mayer'])).stdout).toContain('for tests only');
  expect((await lcoms(home, ['plugins', 'show', 'scorer/chgnet'])).stdout).not.toContain('for tests only');
});

test('a plan with one warns, and one without does not', async () => {
  const warned = await lcoms(home, ['plan', TINY, ...SCORER]);
  expect(warned.code).toBe(0);
  expect(warned.stderr).toContain(WARNING);
  expect((await lcoms(home, ['plan', TINY])).stderr).toBe('');
});

test('the results of a run with one say that they are none', async () => {
  const { code, stdout, stderr } = await lcoms(home, ['run', STARTS_ONLY, '--out', 'out']);
  expect(stderr).toContain(WARNING);
  expect(code).toBe(0);
  expect(stdout).toContain('NOT RESULTS: made with scorer/lennard-jones');
  const results = JSON.parse(readFileSync(`${home}/out/results.json`, 'utf8')) as Record<string, unknown>;
  expect(results).toMatchObject({ testOnly: ['scorer/lennard-jones'], scorer: { name: 'lennard-jones' } });
});
