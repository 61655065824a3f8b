/**
 * Lower factor L of a symmetric positive definite matrix (n x n, row-major; only its lower half is read), L L^T = A.
 * Null when a pivot is not positive.
 */
export function cholesky(a: Float64Array, n: number): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number);
      if (i === j) {
        if (!(sum > 0)) return null;
        l[i * n + i] = Math.sqrt(sum);
      } else l[i * n + j] = sum / (l[j * n + j] as number);
    }
  }
  return l;
}

/** x with L x = b. */
export function solveLower(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (l[i * n + k] as number) * (x[k] as number);
    x[i] = sum / (l[i * n + i] as number);
  }
  return x;
}

/** x with L^T x = b. */
export function solveUpper(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = n - 1; i >= 0; i--) {
    const xi = (x[i] as number) / (l[i * n + i] as number);
    x[i] = xi;
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (l[i * n + k] as number) * xi;
  }
  return x;
}

/** (L L^T)^-1, n x n. */
export function inverseFromCholesky(l: Float64Array, n: number): Float64Array {
  // Rows of L^-1, each from the ones before it.
  const m = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const lii = l[i * n + i] as number;
    m[i * n + i] = 1 / lii;
    for (let k = 0; k < i; k++) {
      const f = (l[i * n + k] as number) / lii;
      for (let j = 0; j <= k; j++) m[i * n + j] = (m[i * n + j] as number) - f * (m[k * n + j] as number);
    }
  }
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const f = m[k * n + i] as number;
      for (let j = 0; j <= i; j++) out[i * n + j] = (out[i * n + j] as number) + f * (m[k * n + j] as number);
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j] as number;
  return out;
}
