import { expect, test } from 'vitest';
import { compareBlobs } from '../../cli/compare-blobs.js';
import { writeSafetensors } from '../../lib/tensor/safetensors.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const tensor = (values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });

test('tensors: how far apart, where, and what else is not the same', () => {
  const a = writeSafetensors({ w: tensor([1, 2, 4]), gone: tensor([0]) }, { seed: '1' });
  const b = writeSafetensors({ w: tensor([1, 2.5, 4]), fresh: tensor([0]) }, { seed: '2' });
  const found = compareBlobs('weights.safetensors', a, b);
  expect(found).toMatchObject({ by: 'tensors', numbers: 3, differing: 1, largestAbsolute: 0.5, largestRelative: 0.2 });
  expect(found.at).toBe('w[1]');
  expect(found.other).toContain('metadata.seed');
  expect(found.other).toContain('gone.shape is missing');
  expect(found.other).toContain('fresh.shape is new');
});

test('JSON lines: numbers by their path, words by name', () => {
  const a = bytes('{"formula":"MgO","e":-6.0}\n{"formula":"NaCl","e":0}\n');
  const b = bytes('{"formula":"MgO","e":-6.3}\n{"formula":"KCl","e":0}\n');
  expect(compareBlobs('x.jsonl', a, b)).toMatchObject({
    by: 'json',
    numbers: 2,
    differing: 1,
    largestAbsolute: expect.closeTo(0.3, 9),
    largestRelative: expect.closeTo(0.3 / 6.3, 9),
    at: '0.e',
    other: ['1.formula'],
  });
});

test('zero against a number is one relative to it; equal numbers are no difference', () => {
  expect(compareBlobs('x.json', bytes('[0, 1]'), bytes('[1e-9, 1.0]'))).toMatchObject({
    differing: 1,
    largestAbsolute: 1e-9,
    largestRelative: 1,
    other: [],
  });
});

test('a table by its columns; what is not of its kind by its bytes', () => {
  expect(compareBlobs('r.csv', bytes('a,b\n1,x\n'), bytes('a,b\n2,x\n'))).toMatchObject({ by: 'csv', at: '0.a' });
  expect(compareBlobs('t.txt', bytes('abc'), bytes('abd')).other).toEqual(['byte 2 of 3 and 3']);
  expect(compareBlobs('x.json', bytes('{'), bytes('{}'))).toMatchObject({ by: 'bytes', other: ['byte 1 of 1 and 2'] });
});
