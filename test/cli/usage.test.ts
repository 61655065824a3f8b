import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyFolder, expectOneScreen, lcoms, lcomsJson, lcomsToSlowReader, QUICKSTART } from './lcoms.js';

const folder = emptyFolder();

test('help names every verb, shows examples, and fits on a screen', async () => {
  const { code, stdout } = await lcoms(folder, ['--help']);
  expect(code).toBe(0);
  for (const verb of [
    'run',
    'sweep',
    'plan',
    'resume',
    'ls',
    'show',
    'watch',
    'logs',
    'diff',
    'best',
    'export',
    'lineage',
    'reproduce',
    'pause, cancel, retry, fork',
    'predict',
    'gc',
    'cache ls, explain, invalidate',
    'plugins ls, show, check, new',
    'data simulate, score, perturb',
    'doctor',
    'worker',
  ]) {
    expect(stdout).toContain(`  ${verb} `);
  }
  expect(stdout).toContain('Examples');
  expect(stdout.split('\n').length).toBeLessThanOrEqual(60);
});

test('a document of more than a pipe holds comes whole, also to a slow reader', () => {
  const compounds = 'Li Na K Rb Cs'.split(' ').flatMap((a) => 'F Cl Br I H O S Se Te N P'.split(' ').map((b) => a + b));
  const text = lcomsToSlowReader(folder, [
    'plan',
    QUICKSTART,
    '--set',
    `compounds=[${compounds.join(', ')}]`,
    '--json',
  ]);
  expect(text.length).toBeGreaterThan(65_536);
  expect((JSON.parse(text) as { nodes: unknown[] }).nodes.length).toBeGreaterThan(compounds.length);
});

test('the help of a verb shows its options and examples', async () => {
  const { code, stdout } = await lcoms(folder, ['run', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('Usage  lcoms run SPEC [options]');
  for (const option of ['--data FILE', '--set PATH=VALUE', '--out DIR', '--detach', '--json'])
    expect(stdout).toContain(option);
  expect(stdout).toContain('lcoms run my.yaml --data crystals.csv');
});

test('--version is that of the package', async () => {
  const { stdout } = await lcoms(folder, ['--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['rnu', 'x.yaml'], 'there is no verb "rnu". Did you mean run?'],
  [['plugins', 'lss'], 'Did you mean plugins ls?'],
  [['plugins'], 'lcoms plugins show'],
  [['run', 'x.yaml', '--dat', 'a.csv'], 'Did you mean --data?'],
  [['run', 'x.yaml', '-j'], 'lcoms run has no option -j'],
  [['run'], 'SPEC is missing'],
  [['run', 'x.yaml', '--out'], '--out needs a value'],
  [['run', 'x.yaml', '--out', 'a', '--out', 'b'], '--out is given twice'],
  [['show', 'a', 'b'], 'unexpected "b"'],
  [['ls', '--json=1'], '--json takes no value'],
  [['worker', '--queues', 'cpu,gpuu'], 'there is no queue "gpuu"'],
  [['data', 'simulate', 'NaCl', '--out', 'x.jsonl', '--starts', '-1'], '--starts'],
])('%j: exit code 2 and what is valid', async (args, message) => {
  const finished = await lcoms(folder, args);
  expect(finished.code).toBe(2);
  expectOneScreen(finished, 'LCOMS_E_USAGE');
  expect(finished.stderr).toContain(message);
  expect(finished.stdout).toBe('');
});

test('with --json an error is a document on stdout too', async () => {
  const { code, document } = await lcomsJson<{ error: { code: string; message: string; hint: string } }>(folder, [
    'rnu',
  ]);
  expect(code).toBe(2);
  expect(document.error.code).toBe('LCOMS_E_USAGE');
  expect(document.error.hint).not.toBe('');
});

test('none of this makes a home', () => {
  expect(readdirSync(folder)).toEqual([]);
});
