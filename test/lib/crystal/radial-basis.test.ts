import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRadialBasis, envelope, radialBasisSlope } from '../../../lib/crystal/radial-basis.js';

const distance = fc.double({ min: 0.02, max: 1.2, noNaN: true });
const weights = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 });
const exponent = fc.integer({ min: 2, max: 8 });

/** Sum of the functions times their weights, in double precision from the formula. */
function weighted(u: number, w: readonly number[], p: number): number {
  const at = u * (w.length - 1);
  return envelope(u, p) * w.reduce((sum, x, r) => sum + x * Math.exp(-0.5 * (at - r) ** 2), 0);
}

describe('radial functions', () => {
  it('are the Gaussians times the envelope, added to what was there', () => {
    fc.assert(
      fc.property(distance, weights, exponent, (u, w, p) => {
        const out = new Float32Array(w.length + 3).fill(1);
        addRadialBasis(u, w.length, p, out, 2);
        const found = w.reduce((sum, x, r) => sum + x * ((out[r + 2] as number) - 1), 0);
        expect(found).toBeCloseTo(weighted(u, w, p), 4);
        expect([out[0], out[1], out[w.length + 2]]).toEqual([1, 1, 1]);
      }),
    );
  });

  it('have the slope of their finite differences', () => {
    fc.assert(
      fc.property(distance, weights, exponent, (u, w, p) => {
        const h = 1e-5;
        const slope = (weighted(u + h, w, p) - weighted(u - h, w, p)) / (2 * h);
        expect(radialBasisSlope(u, w.length, p, w, 0)).toBeCloseTo(slope, 4);
      }),
    );
  });

  it('fade out at the cutoff with their slope', () => {
    for (const p of [2, 6]) {
      expect(envelope(1 - 1e-4, p)).toBeLessThan(1e-9);
      expect(envelope(1, p)).toBe(0);
      expect(Math.abs(radialBasisSlope(1 - 1e-4, 3, p, [1, 1, 1], 0))).toBeLessThan(1e-5);
    }
    expect(envelope(0, 6)).toBe(1);
  });
});
