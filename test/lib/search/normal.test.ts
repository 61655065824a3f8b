import { describe, expect, it } from 'vitest';
import { millsRatio, normalCdf, normalDensity } from '../../../lib/search/normal.js';
import { difference, fixture } from '../../plugins/optimizers/fixture.js';

describe('the normal distribution', () => {
  const { z, cdf, logCdf } = fixture.normal;

  it('agrees with scipy, far tails by their logarithm', () => {
    expect(difference(z.map(normalCdf), cdf)).toBeLessThan(1e-14);
    const representable = z.filter((x) => x > -37);
    expect(
      difference(
        representable.map((x) => Math.log(normalCdf(x))),
        logCdf.slice(-representable.length),
      ),
    ).toBeLessThan(1e-13);
  });

  it('has a Mills ratio that lives where both of its parts are 0', () => {
    expect(normalDensity(40)).toBe(0);
    expect(Math.log(millsRatio(40)) - 800 - Math.log(2 * Math.PI) / 2).toBeCloseTo(logCdf[0] as number, 9);
    for (const x of [-3, 0, 1, 2.499, 2.501, 7]) {
      expect(millsRatio(x) * normalDensity(x)).toBeCloseTo(normalCdf(-x), 14);
    }
  });
});
