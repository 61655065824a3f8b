import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, TINY, TINY_DATA } from './lcoms.js';

function folderWith(files: Record<string, string>): string {
  const folder = emptyFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

const spec = (lines: string): string => `apiVersion: 1\nname: bad\n${lines}\n`;
const specs = folderWith({
  'yaml.yaml': 'apiVersion: 1\nname: bad\n  seed: [1\n',
  'key.yaml': spec('encodr: {use: encoder/cdvae}'),
  'plugin.yaml': spec('encoder: {use: encoder/cdvea}'),
  'option.yaml': spec('surrogate: {use: surrogate/com, with: {tauu: 1}}'),
  'value.yaml': spec('surrogate: {use: surrogate/com, with: {tau: -1}}'),
  'element.yaml': spec('compounds: [MgO, Xx2O]'),
  'formula.yaml': spec('compounds: ["Mg((O"]'),
  'kind.yaml': spec('encoder: {use: surrogate/com}'),
  'budget.yaml': spec('optimizer: {use: optimizer/pso, with: {budget: 0}}'),
  'negative.yaml': spec('optimizer: {use: optimizer/latent-gradient, with: {steps: -5}}'),
  'seconds.yaml': spec('steps: {optimize: {cpuSeconds: -1}}'),
  'reversed.yaml': spec(
    'methods: [{name: ras, space: structure, optimizer: {use: optimizer/random}}]\nsteps: {search: {minVolume: 2, maxVolume: 1}}',
  ),
  'latent.yaml': spec('optimizer: {use: optimizer/evolution}'),
  'gradient.yaml': spec('methods: [{name: gd, space: structure, optimizer: {use: optimizer/latent-gradient}}]'),
  'cycle.yaml': spec('pipeline:\n  - {id: a, step: prepare-data}\n  - {id: b, step: train-encoder, needs: {data: b}}'),
});
const before = readdirSync(specs).sort();

test.each([
  ['yaml.yaml', 'LCOMS_E_SPEC', 'yaml.yaml:2'],
  ['key.yaml', 'LCOMS_E_SPEC', 'unknown key "encodr"'],
  ['plugin.yaml', 'LCOMS_E_PLUGIN_NOT_FOUND', 'Did you mean encoder/cdvae?'],
  ['option.yaml', 'LCOMS_E_PLUGIN_OPTIONS', 'the options are'],
  ['value.yaml', 'LCOMS_E_PLUGIN_OPTIONS', 'tau'],
  ['element.yaml', 'LCOMS_E_FORMULA', '"Xx" is not an element symbol'],
  ['formula.yaml', 'LCOMS_E_FORMULA', 'compounds[0]'],
  ['kind.yaml', 'LCOMS_E_DAG', 'encoder'],
  ['budget.yaml', 'LCOMS_E_PLUGIN_OPTIONS', 'budget: Too small: expected number to be >=1'],
  ['negative.yaml', 'LCOMS_E_PLUGIN_OPTIONS', 'steps: Too small: expected number to be >=0'],
  ['seconds.yaml', 'LCOMS_E_SPEC', 'cpuSeconds: Too small: expected number to be >0'],
  ['reversed.yaml', 'LCOMS_E_SPEC', 'minVolume: the bounds are reversed'],
  ['latent.yaml', 'LCOMS_E_SPEC', 'optimizer/cma-es, optimizer/differential-evolution'],
  ['gradient.yaml', 'LCOMS_E_SPEC', 'latent-gradient searches latent spaces, not structures'],
  ['cycle.yaml', 'LCOMS_E_DAG', 'b'],
  ['missing.yaml', 'LCOMS_E_FILE', 'there is no such experiment'],
])('%s: %s, before anything runs', async (file, code, message) => {
  const finished = await lcoms(specs, ['run', file]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
  expect(finished.stderr).toContain(file);
  expect(readdirSync(specs).sort()).toEqual(before);
});

test('a data file that is missing is found at once', async () => {
  const finished = await lcoms(specs, ['run', TINY, '--data', 'nowhere.csv']);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_FILE');
  expect(finished.stderr).toContain('nowhere.csv');
  expect(readdirSync(specs).sort()).toEqual(before);
});

test.each([
  ['surrogate.with.tau', 'write path=value'],
  ['name.first=x', 'is not a mapping'],
])('--set %s', async (override, message) => {
  const finished = await lcoms(specs, ['plan', TINY, '--set', override]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_USAGE');
  expect(finished.stderr).toContain(message);
});

test('a seed that is none', async () => {
  const finished = await lcoms(specs, ['plan', TINY], { LCOMS_SEED: 'abc' });
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_USAGE');
});

test('results never replace a folder that holds something else', async () => {
  const folder = folderWith({ 'thesis.txt': 'years of work' });
  const finished = await lcoms(specs, ['run', TINY, '--out', folder]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_FILE');
  expect(readFileSync(path.join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
});

test('a broken data row: its file and line, how to skip it, and no results', async () => {
  const rows = readFileSync(TINY_DATA, 'utf8').split('\n');
  rows[3] = '{"species": ["Mg"], "lattice": 3}';
  const folder = folderWith({ 'rows.jsonl': rows.join('\n') });
  const finished = await lcoms(folder, ['run', TINY, '--data', 'rows.jsonl', '--out', 'results']);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_DATA_ROWS');
  expect(finished.stderr).toContain('rows.jsonl:4');
  expect(finished.stderr).toContain('onBadRow: skip');
  expect(finished.stderr).toContain('lcoms resume tiny-');
  expect(readdirSync(folder).sort()).toEqual(['.lcoms', 'rows.jsonl']);
  const { document } = await lcomsJson<{ runId: string; state: string }[]>(folder, ['ls']);
  expect(document.map(({ state }) => state)).toEqual(['failed']);
});

test('an unknown run: the nearest ids', async () => {
  const finished = await lcoms(specs, ['show', 'tiny-2']);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_NOT_FOUND');
});
