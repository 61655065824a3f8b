import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CHGNET_MODELS } from '../../plugins/scorers/chgnet/session.js';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, start } from './lcoms.js';
import { rocksaltRow } from './rocksalt-row.js';

const folder = emptyFolder();
const at = (name: string): string => path.join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

const SOME = Array.from({ length: 40 }, (_, i) => rocksaltRow(2 + i / 50, ['Mg', 'O'], { formationEnergyPerAtom: -3 }));
writeFileSync(at('some.jsonl'), SOME.toSpliced(20, 0, '{"species": ["Mg"]}\n').join(''));
writeFileSync(
  at('other.jsonl.gz'),
  gzipSync(rocksaltRow(2.8, ['Na', 'Cl'], { id: 'salt' }) + rocksaltRow(2.7, ['Yb', 'O'])),
);
const INPUT = ['some.jsonl', 'other.jsonl.gz'];

interface Row {
  id: string;
  formula: string;
  species: string[];
  lattice: number[][];
  energyPerAtom: number;
  maxForce: number;
  scorer: object;
}
const SCORER = { name: 'chgnet', version: 'r2scan', weights: CHGNET_MODELS.r2scan };

test('data score: a row a crystal in the order of the input, those without a score named and left out', async () => {
  const { code, document, stderr } = await lcomsJson(folder, [
    'data',
    'score',
    ...INPUT,
    '--out',
    'one.jsonl',
    '--jobs',
    '1',
  ]);
  expect(code).toBe(0);
  expect(document).toEqual({ out: at('one.jsonl'), crystals: 43, rows: 41, leftOut: 2, scorer: SCORER });
  expect(stderr).toContain('some.jsonl:21  LCOMS_E_CRYSTAL: no cell');
  expect(stderr).toContain('other.jsonl.gz:2  LCOMS_E_ELEMENT_UNKNOWN');
  const rows = text('one.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  expect(rows.map(({ id }) => id)).toEqual([...SOME.map((_, i) => `some/${i < 20 ? i : i + 1}`), 'salt']);
  expect(rows[3]).toMatchObject({ formula: 'MgO', species: ['Mg', 'O'], scorer: SCORER });
  expect(rows[3]?.lattice[0]).toEqual([0, 2.06, 2.06]);
  expect(Object.keys(rows[3] ?? {})).not.toContain('formationEnergyPerAtom');
  // The verb that scores crystals alone gives the same energies.
  const alone = await lcoms(folder, ['score', 'some.jsonl', '--json']);
  const scored = alone.stdout
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as Row).energyPerAtom ?? []);
  expect(scored).toHaveLength(40);
  for (const [i, energy] of scored.entries()) expect(rows[i]?.energyPerAtom).toBeCloseTo(energy, 6);

  const two = await lcoms(folder, ['data', 'score', ...INPUT, '--out', 'two.jsonl', '--jobs', '2']);
  expect(two.code).toBe(0);
  expect(two.stdout).toContain('41 of 43 crystals');
  expect(text('two.jsonl')).toBe(text('one.jsonl'));
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test('data score: killed and given again, gzipped, it writes the same bytes without a time in them', async () => {
  const args = (out: string): string[] => ['data', 'score', ...INPUT, '--out', out, '--jobs', '1'];
  expect((await lcoms(folder, args('whole.jsonl.gz'))).code).toBe(0);
  const running = start(folder, args('again.jsonl.gz'));
  const log = at('again.jsonl.gz.partial');
  const deadline = performance.now() + 60_000;
  while (!(existsSync(log) && readFileSync(log, 'utf8').split('\n').length > 2) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  running.child.kill('SIGKILL');
  await running.finished;
  expect(existsSync(at('again.jsonl.gz'))).toBe(false);
  // What a power cut may leave of a line.
  writeFileSync(log, '[{"row":{"id":"torn', { flag: 'a' });
  const other = await lcoms(folder, ['data', 'score', 'some.jsonl', '--out', 'again.jsonl.gz']);
  expectOneScreen(other, 'LCOMS_E_CHECKPOINT_INCOMPATIBLE');
  const again = await lcoms(folder, args('again.jsonl.gz'));
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('some.jsonl:21');
  const bytes = readFileSync(at('again.jsonl.gz'));
  expect(bytes.equals(readFileSync(at('whole.jsonl.gz')))).toBe(true);
  expect([...bytes.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  expect(gunzipSync(bytes).toString().trim().split('\n')).toHaveLength(41);
});

test('data score: when none can be scored, nothing is written', async () => {
  writeFileSync(at('none.jsonl'), rocksaltRow(2.7, ['Yb', 'O']));
  const finished = await lcoms(folder, ['data', 'score', 'none.jsonl', '--out', 'nothing.jsonl', '--jobs', '1']);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_DATA_EMPTY');
  expect(readdirSync(folder).filter((name) => name.startsWith('nothing'))).toEqual([]);
});

test.each([
  [['some.jsonl'], 'LCOMS_E_USAGE', '--out is missing'],
  [['some.jsonl', '--out', 'x.csv'], 'LCOMS_E_USAGE', '.jsonl.gz'],
  [['some.jsonl', '--out', './some.jsonl'], 'LCOMS_E_USAGE', 'which is to be read'],
  [['some.jsonl', 'nowhere.cif', '--out', 'x.jsonl'], 'LCOMS_E_FILE', 'nowhere.cif'],
  [['some.jsonl', '--out', 'x.jsonl', '--scorer', 'scorer/chgnat'], 'LCOMS_E_PLUGIN_NOT_FOUND', 'scorer/chgnet'],
])('data score %j', async (args, code, message) => {
  const finished = await lcoms(folder, ['data', 'score', ...args]);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, code);
  expect(finished.stderr).toContain(message);
});

test('a run on rows of another scorer is refused: file, line, both scorers', async () => {
  const row = JSON.parse(rocksaltRow(2.1, ['Mg', 'O'])) as object;
  const scorer = { ...SCORER, version: '0.3.0', weights: CHGNET_MODELS['0.3.0'] };
  writeFileSync(at('stranger.jsonl'), `${JSON.stringify({ ...row, energyPerAtom: -6, scorer })}\n`);
  writeFileSync(at('spec.yaml'), 'apiVersion: 1\nname: mixed\ncompounds: [MgO]\n');
  const finished = await lcoms(folder, ['run', 'spec.yaml', '--set', 'data.with.also=stranger.jsonl'], {
    LCOMS_HOME: at('home'),
  });
  expect(finished.code).not.toBe(0);
  const said = finished.stdout + finished.stderr;
  expect(said).toContain('LCOMS_E_INPUT');
  expect(said).toContain('stranger.jsonl:1');
  expect(said).toContain('chgnet 0.3.0');
  expect(said).toContain('chgnet r2scan');
});
