import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, inverseFromCholesky, solveLower, solveUpper } from '../../../lib/search/cholesky.js';
import { symmetricEigen } from '../../../lib/search/symmetric-eigen.js';
import { difference, fixture } from '../../plugins/optimizers/fixture.js';

const product = (a: Float64Array, b: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (a[Math.floor(at / n) * n + k] as number) * (b[k * n + (at % n)] as number);
    return sum;
  });
const transposed = (a: Float64Array, n: number) => a.map((_, at) => a[(at % n) * n + Math.floor(at / n)] as number);
const identity = (n: number) => Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

/** M M^T + 1 for a random M. */
const definite = fc.integer({ min: 1, max: 7 }).chain((n) =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n }).map((m) => {
    const a = Float64Array.from(m);
    return { n, a: product(a, transposed(a, n), n).map((x, at) => x + (at % (n + 1) === 0 ? 1 : 0)) };
  }),
);

describe('the Cholesky factor', () => {
  it('gives back the matrix, its inverse, and solutions', () => {
    fc.assert(
      fc.property(definite, ({ n, a }) => {
        const l = cholesky(a, n) as Float64Array;
        expect(difference(product(l, transposed(l, n), n), a)).toBeLessThan(1e-12);
        expect(difference(product(inverseFromCholesky(l, n), a, n), identity(n))).toBeLessThan(1e-9);
        const b = Float64Array.from({ length: n }, (_, i) => i - 1);
        const x = solveUpper(l, n, solveLower(l, n, b));
        const back = b.map((_, i) => x.reduce((sum, v, k) => sum + (a[i * n + k] as number) * v, 0));
        expect(difference(back, b)).toBeLessThan(1e-9);
      }),
    );
  });

  it('is null for a matrix that is not positive definite', () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
    expect(cholesky(Float64Array.of(Number.NaN), 1)).toBeNull();
  });
});

describe('eigenvalues', () => {
  it('are those of numpy, with orthonormal vectors that give the matrix back', () => {
    const n = 9;
    const matrix = Float64Array.from(fixture.eigen.matrix);
    const { values, vectors } = symmetricEigen(matrix, n);
    expect(
      difference(
        [...values].sort((a, b) => a - b),
        fixture.eigen.values,
      ),
    ).toBeLessThan(1e-12);
    expect(difference(product(vectors, transposed(vectors, n), n), identity(n))).toBeLessThan(1e-12);
    const scaled = vectors.map((v, at) => v * (values[at % n] as number));
    expect(difference(product(scaled, transposed(vectors, n), n), matrix)).toBeLessThan(1e-12);
  });
});
