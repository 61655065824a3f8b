import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { exitCodeOf, renderError, toRecord } from '../../cli/errors.js';
import { Output } from '../../cli/output.js';
import { nearest } from '../../cli/usage.js';
import { ERROR_CATALOGUE, LcomsError } from '../../schemas/errors.js';
import { emptyFolder } from './lcoms.js';

const output = new Output(false, { NO_COLOR: '1' });
const folder = emptyFolder();

test('an error shows its code, place, message and hint', () => {
  const error = new LcomsError('LCOMS_E_SPEC', 'no such key', {
    file: 'a.yaml',
    line: 3,
    path: 'data.use',
    hint: 'Mend it.',
  });
  expect(renderError(output, toRecord(error))).toBe(
    'error LCOMS_E_SPEC  a.yaml:3 -> data.use\n  no such key\nhint Mend it.',
  );
});

test('a message of a thousand lines fits on one screen', () => {
  const error = new LcomsError(
    'LCOMS_E_DATA_ROWS',
    Array.from({ length: 1000 }, (_, i) => `row ${i} ${'x'.repeat(1000)}`).join('\n'),
  );
  const lines = renderError(output, toRecord(error)).split('\n');
  expect(lines.length).toBeLessThan(20);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(420);
  expect(lines.join('\n')).toContain('986 more lines');
});

test('what nobody foresaw: no stack on the screen, but in the log that is named', () => {
  vi.stubEnv('LCOMS_HOME', folder);
  mkdirSync(folder, { recursive: true });
  const record = toRecord(new TypeError('x is not a function'));
  vi.unstubAllEnvs();
  const log = path.join(folder, 'logs', 'cli.log');
  expect(record).toMatchObject({ code: 'LCOMS_E_INTERNAL', message: 'TypeError: x is not a function' });
  expect(record.hint).toContain(log);
  expect(readFileSync(log, 'utf8')).toMatch(/ at .*errors\.test\.ts/);
});

test('every code has the exit code of the catalogue; an unknown one is a failed run', () => {
  for (const [code, { exitCode }] of Object.entries(ERROR_CATALOGUE)) expect(exitCodeOf(code)).toBe(exitCode);
  expect(exitCodeOf('toString')).toBe(4);
});

test.each([
  ['resme', 'resume'],
  ['detcah', 'detach'],
  ['xyz', null],
])('nearest to %s', (given, expected) => {
  expect(nearest(given, ['run', 'resume', 'plan', 'detach'])).toBe(expected);
});
