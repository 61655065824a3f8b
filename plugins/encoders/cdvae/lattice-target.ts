import type { Mat3 } from '../../../schemas/crystal.js';

/** Eigenvalues and eigenvectors (columns) of a symmetric 3x3 matrix by cyclic Jacobi rotations. */
function eigenSymmetric(m: Mat3): { values: number[]; vectors: number[][] } {
  const a = m.map((row) => [...row]) as number[][];
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const at = (x: number[][], i: number, j: number) => (x[i] as number[])[j] as number;
  const set = (x: number[][], i: number, j: number, value: number) => {
    (x[i] as number[])[j] = value;
  };
  for (let sweep = 0; sweep < 30; sweep++) {
    const off = at(a, 0, 1) ** 2 + at(a, 0, 2) ** 2 + at(a, 1, 2) ** 2;
    const diagonal = at(a, 0, 0) ** 2 + at(a, 1, 1) ** 2 + at(a, 2, 2) ** 2;
    if (off <= 1e-30 * diagonal) break;
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const apq = at(a, p, q);
      if (apq === 0) continue;
      const theta = (at(a, q, q) - at(a, p, p)) / (2 * apq);
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const c = 1 / Math.hypot(t, 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const kp = at(a, k, p);
        const kq = at(a, k, q);
        set(a, k, p, c * kp - s * kq);
        set(a, k, q, s * kp + c * kq);
      }
      for (let k = 0; k < 3; k++) {
        const pk = at(a, p, k);
        const qk = at(a, q, k);
        set(a, p, k, c * pk - s * qk);
        set(a, q, k, s * pk + c * qk);
      }
      for (let k = 0; k < 3; k++) {
        const kp = at(v, k, p);
        const kq = at(v, k, q);
        set(v, k, p, c * kp - s * kq);
        set(v, k, q, s * kp + c * kq);
      }
    }
  }
  return { values: [at(a, 0, 0), at(a, 1, 1), at(a, 2, 2)], vectors: v };
}

/** f applied to the eigenvalues of a symmetric matrix. */
function matrixFunction(m: Mat3, f: (x: number) => number): Mat3 {
  const { values, vectors } = eigenSymmetric(m);
  const mapped = values.map(f);
  const entry = (i: number, j: number) =>
    mapped.reduce((sum, value, k) => sum + value * (vectors[i]?.[k] as number) * (vectors[j]?.[k] as number), 0);
  return [0, 1, 2].map((i) => [entry(i, 0), entry(i, 1), entry(i, 2)]) as Mat3;
}

/** Off-diagonal elements count twice in the norm of a symmetric matrix. */
const ROOT2 = Math.SQRT2;

/**
 * Six numbers for a cell of `n` atoms: half the logarithm of its metric tensor (base vectors' scalar products, A^2),
 * less log(n)/3 on the diagonal, as [xx, yy, zz, yz, xz, xy] with the last three times sqrt 2. They do not depend on how
 * the cell is turned, the first three add up to log(volume per atom), and any six real numbers are a valid cell.
 */
export function latticeTarget(lattice: Mat3, n: number): Float64Array {
  const dot = (i: 0 | 1 | 2, j: 0 | 1 | 2) =>
    lattice[i][0] * lattice[j][0] + lattice[i][1] * lattice[j][1] + lattice[i][2] * lattice[j][2];
  const metric = [0, 1, 2].map((i) => [0, 1, 2].map((j) => dot(i as 0 | 1 | 2, j as 0 | 1 | 2))) as unknown as Mat3;
  const half = matrixFunction(metric, (x) => 0.5 * Math.log(x));
  const shift = Math.log(n) / 3;
  return Float64Array.of(
    half[0][0] - shift,
    half[1][1] - shift,
    half[2][2] - shift,
    ROOT2 * half[1][2],
    ROOT2 * half[0][2],
    ROOT2 * half[0][1],
  );
}

/** Half the logarithm of the metric tensor of a cell of `n` atoms. */
function halfLogMetric(target: ArrayLike<number>, n: number): Mat3 {
  const [xx, yy, zz, yz, xz, xy] = Array.from(target) as [number, number, number, number, number, number];
  const shift = Math.log(n) / 3;
  return [
    [xx + shift, xy / ROOT2, xz / ROOT2],
    [xy / ROOT2, yy + shift, yz / ROOT2],
    [xz / ROOT2, yz / ROOT2, zz + shift],
  ];
}

/**
 * The cell of {@link latticeTarget} as a symmetric matrix, right-handed, A: turned so that the six numbers are the
 * components of a tensor in its own Cartesian frame, and a small strain in that frame adds to them.
 */
export const symmetricLattice = (target: ArrayLike<number>, n: number): Mat3 =>
  matrixFunction(halfLogMetric(target, n), Math.exp);

/** The cell of {@link latticeTarget}: lower triangular (a along x, b in the xy plane), right-handed, A. */
export function latticeFromTarget(target: ArrayLike<number>, n: number): Mat3 {
  const half = halfLogMetric(target, n);
  const g = matrixFunction(half, (x) => Math.exp(2 * x));
  const ax = Math.sqrt(g[0][0]);
  const bx = g[0][1] / ax;
  const by = Math.sqrt(g[1][1] - bx * bx);
  const cx = g[0][2] / ax;
  const cy = (g[1][2] - bx * cx) / by;
  // From the determinant: the plain Cholesky root loses all figures for very flat cells.
  const cz = Math.exp(half[0][0] + half[1][1] + half[2][2]) / (ax * by);
  return [
    [ax, 0, 0],
    [bx, by, 0],
    [cx, cy, cz],
  ];
}

/** Standardisation of the six numbers, fitted on the training split. */
export interface LatticeScale {
  mean: number[];
  std: number[];
  /** Training range of log(volume per atom), A^3. */
  logVolume: [number, number];
}

const logVolume = (target: Float64Array): number =>
  (target[0] as number) + (target[1] as number) + (target[2] as number);

/** @param volumes log(volume per atom, A^3) of each; by default what {@link latticeTarget}'s numbers say */
export function fitLatticeScale(
  targets: readonly Float64Array[],
  volumes: readonly number[] = targets.map(logVolume),
): LatticeScale {
  const mean = [0, 1, 2, 3, 4, 5].map((k) => targets.reduce((s, t) => s + (t[k] as number), 0) / targets.length);
  const std = mean.map((m, k) =>
    // A floor, because one crystal alone has no spread.
    Math.max(0.02, Math.sqrt(targets.reduce((s, t) => s + ((t[k] as number) - m) ** 2, 0) / targets.length)),
  );
  return {
    mean,
    std,
    logVolume: [volumes.reduce((a, b) => Math.min(a, b)), volumes.reduce((a, b) => Math.max(a, b))],
  };
}

export function standardise(target: Float64Array, scale: LatticeScale): Float64Array {
  return target.map((x, k) => (x - (scale.mean[k] as number)) / (scale.std[k] as number));
}

/**
 * Lattice numbers from standardised ones as a network gives them. Far outside the data a cell may be valid and still of
 * no use (a needle has thousands of neighbours in reach), so numbers are held within 6 standard deviations and the volume
 * per atom within a factor of 2 of the training range.
 */
export function targetFromStandardised(values: ArrayLike<number>, scale: LatticeScale): Float64Array {
  const target = Float64Array.from({ length: 6 }, (_, k) => {
    const x = values[k] as number;
    const held = Number.isFinite(x) ? Math.max(-6, Math.min(6, x)) : 0;
    return held * (scale.std[k] as number) + (scale.mean[k] as number);
  });
  const volume = logVolume(target);
  const held = Math.max(scale.logVolume[0] - Math.LN2, Math.min(scale.logVolume[1] + Math.LN2, volume));
  for (let k = 0; k < 3; k++) target[k] = (target[k] as number) + (held - volume) / 3;
  return target;
}

/** The cell of {@link targetFromStandardised}. */
export const latticeFromStandardised = (values: ArrayLike<number>, n: number, scale: LatticeScale): Mat3 =>
  latticeFromTarget(targetFromStandardised(values, scale), n);
