import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, lcoms, lcomsJson, TINY_DATA } from './lcoms.js';

const SPEC = `
apiVersion: 1
name: budgets
compounds: [NaCl]
data: {use: dataset/jsonl, with: {file: ${TINY_DATA}}}
scorer: {use: scorer/ewald-born-mayer}
steps:
  known-structures: {maxSteps: 60}
  start-structures: {fmax: 1, maxSteps: 100}
  search: {cpuSeconds: 0.001}
  score: {maxSteps: 60}
  baselines: {maxSteps: 60}
methods:
  - {name: ras, space: structure, optimizer: {use: optimizer/random}}
`;
const WARNING = 'warning: searches end after 0.001 CPU seconds a start (search): another run may give other bytes';

test('a budget of CPU seconds is warned of by the plan, and said by the run, its record and its results', async () => {
  const folder = emptyFolder();
  writeFileSync(path.join(folder, 'budgets.yaml'), SPEC);
  expect((await lcoms(folder, ['plan', 'budgets.yaml'])).stderr.trim()).toContain(WARNING);
  expect((await lcoms(folder, ['plan', 'budgets.yaml', '--set', 'steps.search={}'])).stderr).not.toContain('CPU');

  const ran = await lcoms(folder, ['run', 'budgets.yaml', '--out', 'out']);
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain(WARNING);
  expect(ran.stdout).toContain('Searches had 0.001 CPU seconds a start (search): another run may give other results.');
  expect(ran.stdout).toContain('CPU seconds a compound buy');
  const results = JSON.parse(readFileSync(path.join(folder, 'out', 'results.json'), 'utf8')) as object;
  expect(results).toMatchObject({ cpuBudgets: { search: 0.001 } });
  expect(readFileSync(path.join(folder, 'out', 'equal-time.csv'), 'utf8').split('\n')[1]).toMatch(/^ras,25\.0,/);

  const { document: runs } = await lcomsJson<{ runId: string }[]>(folder, ['ls']);
  const run = runs[0]?.runId ?? '';
  const note = /a budget of 0\.001 CPU seconds, stopped after \d+\.\d: another run may give other bytes/;
  const { document } = await lcomsJson<{ nodes: { id: string; note?: string }[] }>(folder, ['show', run]);
  expect(document.nodes.find(({ id }) => id === 'search-ras/NaCl')?.note).toMatch(note);
  expect(document.nodes.filter((node) => node.note !== undefined)).toHaveLength(1);
  expect((await lcoms(folder, ['show', run])).stdout).toMatch(note);
}, 240_000);
