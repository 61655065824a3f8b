import { expect, it } from 'vitest';
import { spreadOf } from '../../../lib/plot/spread.js';

it('gives what numpy gives', () => {
  // numpy 2.4: mean, std(ddof=1), quantile 0.25, 0.5, 0.75 of [7, 1, 4, 2, 9.5].
  const spread = spreadOf([7, 1, 4, 2, 9.5]);
  expect(spread?.mean).toBeCloseTo(4.7, 12);
  expect(spread?.deviation).toBeCloseTo(3.52845575287547, 12);
  expect(spread).toMatchObject({ n: 5, lower: 2, median: 4, upper: 7 });
  expect(spreadOf([1, 2, 4, 8])).toMatchObject({ lower: 1.75, median: 3, upper: 5 });
});

it('takes one number, and none', () => {
  expect(spreadOf([3])).toEqual({ n: 1, mean: 3, deviation: 0, median: 3, lower: 3, upper: 3 });
  expect(spreadOf([])).toBeNull();
});
