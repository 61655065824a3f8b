import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latentSpace, rawLatents, standardiseLatents } from '../../../lib/search/latent-space.js';
import { nearestSquared, neighbourDistancePercentile } from '../../../lib/search/nearest-reference.js';
import { decodeSearchState, encodeSearchState } from '../../../lib/search/search-state.js';

const scale = { latentMean: Float32Array.of(1, -2), latentStd: Float32Array.of(2, 0.5) };

describe('the space of standardised latents', () => {
  it('spans the training latents, widened about their middle', () => {
    const raw = Float32Array.of(-1, -2, 3, -1, 5, -3);
    const space = latentSpace(raw, scale, 1.5);
    expect([...space.reference]).toEqual([-1, 0, 1, 2, 2, -2]);
    expect([...space.lower]).toEqual([0.5 - 2.25, -3]);
    expect([...space.upper]).toEqual([0.5 + 2.25, 3]);
    expect(space).toMatchObject({ kind: 'latent', dimension: 2 });
  });

  it('takes raw latents there and back', () => {
    const raw = Float32Array.of(0.25, 4, -7, 0);
    expect([...rawLatents(standardiseLatents(raw, scale), scale)]).toEqual([...raw]);
  });

  it('refuses no latents, rows that do not fit, and values that are not finite', () => {
    expect(() => latentSpace(new Float32Array(0), scale)).toThrow(/at least one/);
    expect(() => latentSpace(new Float32Array(3), scale)).toThrow(/rows/);
    expect(() => latentSpace(Float32Array.of(0, 0, 0, Number.NaN), scale)).toThrow(/training latent 1 is NaN/);
  });
});

describe('distances to reference points', () => {
  it('finds the nearest as a plain search does', () => {
    const numbers = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 6, maxLength: 60 });
    fc.assert(
      fc.property(numbers, (flat) => {
        const rows = Float32Array.from(flat.slice(0, 3 * Math.floor(flat.length / 3)));
        const point = Float32Array.of(0.5, 1, -2);
        const plain = Array.from({ length: rows.length / 3 }, (_, i) =>
          [0, 1, 2].reduce((sum, j) => sum + ((point[j] as number) - (rows[3 * i + j] as number)) ** 2, 0),
        );
        expect(nearestSquared(point, rows)).toBeCloseTo(Math.min(...plain), 9);
      }),
    );
  });

  it('takes percentiles of neighbour distances as numpy does', () => {
    // Neighbour distances 1, 1, 2, 4: numpy.percentile(..., [0, 50, 95, 100]) = 1, 1.5, 3.7, 4.
    const line = Float32Array.of(0, 1, 3, 7);
    const percentiles = [0, 50, 95, 100].map((p) => neighbourDistancePercentile(line, 1, p));
    [1, 1.5, 3.7, 4].forEach((expected, i) => {
      expect(percentiles[i]).toBeCloseTo(expected, 12);
    });
    expect(neighbourDistancePercentile(Float32Array.of(1), 1, 95)).toBeNaN();
  });

  it('looks up a part of many points', () => {
    const grid = Float32Array.from({ length: 5000 }, (_, i) => i * 0.25);
    expect(neighbourDistancePercentile(grid, 1, 95)).toBe(0.25);
  });
});

describe('the saved state of a search', () => {
  it('keeps every bit of its arrays', () => {
    const arrays = { a: Float32Array.of(Number.NaN, -0, 1e-40), b: Float64Array.of(Infinity, 0.1) };
    const bytes = encodeSearchState('optimizer/x', { told: 3 }, arrays);
    expect(decodeSearchState('optimizer/x', bytes)).toEqual({ values: { told: 3 }, arrays });
  });

  it('is refused when it is damaged', () => {
    expect(() => decodeSearchState('optimizer/x', new Uint8Array(5))).toThrow(/cannot be read/);
  });
});
