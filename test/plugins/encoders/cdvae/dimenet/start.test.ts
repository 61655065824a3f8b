import { beforeAll, expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { initBackend } from '../../../../../lib/tensor/backend.js';
import { Parameters } from '../../../../../lib/tensor/parameters.js';
import { DimenetPlusPlus } from '../../../../../plugins/encoders/cdvae/dimenet/network.js';
import { PAPER_DIMENET } from '../../../../../plugins/encoders/cdvae/dimenet/options.js';
import { orthogonalise } from '../../../../../plugins/encoders/cdvae/dimenet/orthogonal.js';
import { NARROW, reference } from './reference.js';

beforeAll(async () => {
  await initBackend();
});

test.each([
  [5, 9],
  [9, 5],
  [40, 40],
])('a %i x %i matrix becomes orthogonal', (rows, columns) => {
  const values = Rng.from('orthogonal').fillNormal(new Float64Array(rows * columns)) as Float64Array;
  orthogonalise(values, rows, columns);
  const byRow = rows <= columns;
  const vectors = Array.from({ length: Math.min(rows, columns) }, (_, v) =>
    Array.from({ length: Math.max(rows, columns) }, (_, k) => values[byRow ? v * columns + k : k * columns + v] ?? 0),
  );
  vectors.forEach((a, i) => {
    vectors.forEach((b, j) => {
      expect(a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)).toBeCloseTo(i === j ? 1 : 0, 12);
    });
  });
});

test('a seed fixes the weights, names choose the streams', () => {
  const weights = (seed: string, name: string) => {
    const parameters = new Parameters(Rng.from(seed));
    new DimenetPlusPlus(parameters, name, NARROW);
    const saved = parameters.save();
    parameters.dispose();
    return saved;
  };
  const first = weights('a', 'encoder');
  expect(weights('a', 'encoder')).toEqual(first);
  expect(weights('b', 'encoder')).not.toEqual(first);
  const { data } = first['encoder.interaction0.before0.first.weight'] as { data: Float32Array };
  // Variance 2 / (in + out).
  expect(data.reduce((sum, v) => sum + v * v, 0) / data.length).toBeCloseTo(1 / NARROW.hidden, 2);
});

test('the paper network has the parameters of the reference, and rows for the elements that it lacks', () => {
  const parameters = new Parameters(Rng.from('size'));
  new DimenetPlusPlus(parameters, 'encoder', PAPER_DIMENET);
  const size = reference.paper.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
  expect(parameters.size).toBe(size + (119 - 95) * PAPER_DIMENET.hidden);
  expect(parameters.names()).toHaveLength(reference.paper.length);
  parameters.dispose();
});
