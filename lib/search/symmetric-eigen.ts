/** Sweeps end when what is off the diagonal is this small beside it. */
const SMALL = 1e-30;
const MOST_SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix (n x n, row-major, left alone) by cyclic Jacobi rotations; the
 * vectors are the columns of `vectors`. In no particular order. Golub and Van Loan, Matrix computations, section 8.5.
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    let on = 0;
    for (let p = 0; p < n; p++) {
      on += (a[p * n + p] as number) ** 2;
      for (let q = p + 1; q < n; q++) off += (a[p * n + q] as number) ** 2;
    }
    if (!(off > SMALL * on)) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), vectors };
}

/** Makes a_pq zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q] as number;
  if (apq === 0) return;
  const theta = ((a[q * n + q] as number) - (a[p * n + p] as number)) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  mix(a, p * n, q * n, 1, n, c, s);
  mix(a, p, q, n, n, c, s);
  mix(vectors, p, q, n, n, c, s);
}

function mix(m: Float64Array, p: number, q: number, stride: number, n: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const x = m[p + k * stride] as number;
    const y = m[q + k * stride] as number;
    m[p + k * stride] = c * x - s * y;
    m[q + k * stride] = s * x + c * y;
  }
}
