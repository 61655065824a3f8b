import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { halton } from '../../../lib/random/halton.js';
import { sobol } from '../../../lib/random/sobol.js';

interface Sequence {
  index: number[];
  points: number[][];
}
const file = path.resolve(import.meta.dirname, '../../fixtures/random/quasi.json');
const scipy = JSON.parse(readFileSync(file, 'utf8')) as { sobol: Sequence; halton: Sequence };

test.each([
  ['sobol', sobol, scipy.sobol],
  ['halton', halton, scipy.halton],
] as const)('%s points are those of scipy, in 21 dimensions', (_name, sequence, { index, points }) => {
  index.forEach((i, row) => {
    const given = sequence(i, 21);
    points[row]?.forEach((x, j) => expect(given[j], `point ${i}, dimension ${j}`).toBeCloseTo(x, 9));
  });
  expect(() => sequence(0, 22)).toThrow(RangeError);
});
