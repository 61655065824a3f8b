import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envelope } from '../../../../../plugins/encoders/cdvae/dimenet/bessel.js';
import {
  SphericalRadialBasis,
  sphericalBessel,
  sphericalBesselZeros,
  zonalHarmonics,
} from '../../../../../plugins/encoders/cdvae/dimenet/spherical.js';
import { reference } from './reference.js';

const { special } = reference;

describe('spherical Bessel functions', () => {
  test('agree with 40-digit values, near zero and beyond', () => {
    special.bessel.forEach((values, l) => {
      values.forEach((value, k) => {
        const x = special.x[k] as number;
        expect(Math.abs(sphericalBessel(l, x) - value), `j_${l}(${x})`).toBeLessThan(1e-13 * Math.abs(value) + 1e-15);
      });
    });
    expect([0, 1, 6].map((l) => sphericalBessel(l, 0))).toEqual([1, 0, 0]);
  });

  test('obey their recurrence, whichever way they were computed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 40, noNaN: true }), fc.integer({ min: 1, max: 8 }), (x, l) => {
        const left = sphericalBessel(l - 1, x) + sphericalBessel(l + 1, x);
        expect(left).toBeCloseTo(((2 * l + 1) / x) * sphericalBessel(l, x), 12);
      }),
    );
  });

  test('have the known zeros', () => {
    sphericalBesselZeros(7, 6).forEach((zeros, l) => {
      expect(zeros).toHaveLength(6);
      zeros.forEach((zero, n) => {
        expect(zero).toBeCloseTo(special.zeros[l]?.[n] as number, 12);
      });
    });
  });
});

test('zonal harmonics agree with 40-digit values', () => {
  special.cosines.forEach((cosine, k) => {
    const out = new Float32Array(9);
    zonalHarmonics(cosine, 7, out, 1);
    special.zonal.forEach((values, l) => {
      expect(out[l + 1]).toBeCloseTo(values[k] as number, 6);
    });
    expect([out[0], out[8]]).toEqual([0, 0]);
  });
});

test('the radial functions of one order are orthonormal over the unit ball', () => {
  const basis = new SphericalRadialBasis(3, 4);
  const products = Array.from({ length: 3 }, () => new Float64Array(16));
  const steps = 2000;
  const values = new Float32Array(12);
  for (let s = 0; s < steps; s++) {
    const u = (s + 0.5) / steps;
    basis.write(u, 1, values, 0);
    products.forEach((sums, l) => {
      for (let k = 0; k < 16; k++) {
        const [a, b] = [values[4 * l + (k >> 2)] as number, values[4 * l + (k & 3)] as number];
        sums[k] = (sums[k] as number) + (u * u * a * b) / steps;
      }
    });
  }
  for (const sums of products) sums.forEach((sum, k) => expect(sum).toBeCloseTo(k >> 2 === (k & 3) ? 1 : 0, 4));
});

test('the envelope goes to zero at the cutoff with its first two derivatives', () => {
  for (const exponent of [4, 5, 6]) {
    const h = 1e-3;
    // What remains is of third order.
    expect(Math.abs(envelope(1 - h, exponent))).toBeLessThan(1e3 * h ** 3);
    expect(envelope(1, exponent)).toBe(0);
    expect(envelope(1.5, exponent)).toBe(0);
    expect(1e-3 * envelope(1e-3, exponent)).toBeCloseTo(1, 6);
  }
});
