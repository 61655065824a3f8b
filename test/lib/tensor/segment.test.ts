import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initBackend } from '../../../lib/tensor/backend.js';
import { gatherRows, rowIds, segmentMean, segmentSum } from '../../../lib/tensor/segment.js';
import { tf } from '../../../lib/tensor/tf.js';

await initBackend();

const rows = fc.record({
  ids: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }),
  seed: fc.integer({ min: 1, max: 1000 }),
});
const matrix = (n: number, seed: number) =>
  tf.tensor2d(
    Float32Array.from({ length: 3 * n }, (_, i) => Math.sin(seed * (i + 1))),
    [n, 3],
  );
const squares = (y: tf.Tensor) => tf.sum(tf.square(y)) as tf.Scalar;

describe('segment sums and row gathers', () => {
  it('have the values and gradients of the stock ops', () => {
    fc.assert(
      fc.property(rows, ({ ids, seed }) =>
        tf.tidy(() => {
          const to = rowIds(Int32Array.from(ids), 5);
          const x = matrix(ids.length, seed);
          const table = matrix(5, seed);
          const pairs: [(v: tf.Tensor) => tf.Tensor, (v: tf.Tensor) => tf.Tensor, tf.Tensor][] = [
            [(v) => segmentSum(v, to, 5), (v) => tf.unsortedSegmentSum(v, to, 5), x],
            [(v) => gatherRows(v, to), (v) => tf.gather(v, to), table],
          ];
          for (const [ours, stock, input] of pairs) {
            expect([...ours(input).dataSync()]).toEqual([...stock(input).dataSync()]);
            const gradient = tf
              .grad((v) => squares(ours(v)))(input)
              .dataSync();
            const wanted = tf
              .grad((v) => squares(stock(v)))(input)
              .dataSync();
            for (const [i, value] of wanted.entries()) expect(gradient[i]).toBeCloseTo(value, 5);
          }
        }),
      ),
      { numRuns: 30 },
    );
  });

  it('segmentMean divides by the number of rows and leaves empty segments zero', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    expect(segmentMean(x, rowIds(Int32Array.of(2, 0, 2), 4), 4).arraySync()).toEqual([
      [3, 4],
      [0, 0],
      [3, 4],
      [0, 0],
    ]);
  });

  it('ids may be made inside a loss', () => {
    const x = matrix(3, 1);
    const gradient = tf.grad((v) => squares(gatherRows(v, tf.tensor1d([1], 'int32'))))(x);
    expect(gradient.slice([0, 0], [1, 3]).dataSync()).toEqual(new Float32Array(3));
  });

  it('rowIds names the first id out of range', () => {
    expect(() => rowIds(Int32Array.of(0, 3, 9), 3)).toThrowError('row id 3 at position 1 is outside 0..2');
  });
});
