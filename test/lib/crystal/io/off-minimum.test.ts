import { expect, it } from 'vitest';
import { parseCrystals } from '../../../../lib/crystal/io/read.js';
import { minimaOf } from '../../../../lib/crystal/io/rows.js';
import { ROCKSALT } from '../fixtures.js';

const parsed = (...more: object[]) =>
  parseCrystals(more.map((m) => JSON.stringify({ ...ROCKSALT, ...m })).join('\n'), { name: 'x', format: 'jsonl' });

it('a row says that it is no minimum, whence it comes and how', () => {
  const rows = parsed(
    { id: 'a' },
    { id: 'b', offMinimum: true, from: 'a', perturbation: 'swap' },
    { id: 'c', offMinimum: false, from: 'a' },
    { id: 'd', offMinimum: true, from: 7 },
    { id: 'e', offMinimum: null },
  );
  const marks = rows.map((row) => ('crystal' in row ? row.offMinimum : row.error));
  expect(marks).toEqual([undefined, { from: 'a', perturbation: 'swap' }, undefined, {}, undefined]);
  expect(minimaOf(rows).map(({ id }) => id)).toEqual(['a', 'c', 'e']);
});

it('a flag that is no flag is a bad row: it is taken for neither', () => {
  const [row] = parsed({ offMinimum: 'yes' });
  expect(row).toMatchObject({ line: 1, error: { code: 'LCOMS_E_CRYSTAL' } });
  expect(row && 'error' in row ? row.error.message : '').toBe('offMinimum is "yes"; it must be true or false');
});
