import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';

const DEGREE = Math.PI / 180;
const clamp = (x: number): number => Math.max(-1, Math.min(1, x));
const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/**
 * Lattice (rows are base vectors, A) from lengths (A) and angles (alpha, beta, gamma in degrees), oriented as
 * pymatgen's `Lattice.from_parameters(..., vesta=False)`: c along z, a in the xz plane.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when no cell has these parameters.
 */
export function latticeFromParameters(lengths: Vec3, angles: Vec3): Mat3 {
  const [a, b, c] = lengths;
  const cosines = angles.map((x) => Math.cos(x * DEGREE)) as Vec3;
  const [ca, cb, cg] = cosines;
  const squared = 1 + 2 * ca * cb * cg - ca * ca - cb * cb - cg * cg;
  const inRange = lengths.every((x) => x > 0 && x < Infinity) && angles.every((x) => x > 0 && x < 180);
  if (!inRange || !(squared > 1e-12)) {
    throw new LcomsError(
      'LCOMS_E_CRYSTAL',
      `no cell has lengths ${lengths.join(', ')} A and angles ${angles.join(', ')} degrees: lengths must be positive, ` +
        'angles between 0 and 180, each smaller than the sum of the other two, all together under 360',
    );
  }
  const sa = Math.sin(angles[0] * DEGREE);
  const sb = Math.sin(angles[1] * DEGREE);
  const gammaStar = Math.acos(clamp((ca * cb - cg) / (sa * sb)));
  return [
    [a * sb, 0, a * cb],
    [-b * sa * Math.cos(gammaStar), b * sa * Math.sin(gammaStar), b * ca],
    [0, 0, c],
  ];
}

/** Lengths (A) and angles (alpha, beta, gamma in degrees) of a lattice. */
export function latticeParameters(l: Mat3): { lengths: Vec3; angles: Vec3 } {
  const lengths = l.map((v) => Math.hypot(...v)) as Vec3;
  const angle = (i: 0 | 1 | 2, j: 0 | 1 | 2): number =>
    Math.acos(clamp(dot(l[i], l[j]) / (lengths[i] * lengths[j]))) / DEGREE;
  return { lengths, angles: [angle(1, 2), angle(0, 2), angle(0, 1)] };
}

/** Determinant: positive for a right-handed lattice. */
export function determinant(m: Mat3): number {
  const [[a, b, c], [d, e, f], [g, h, i]] = m;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** Cell volume, A^3, never negative. */
export function volume(l: Mat3): number {
  return Math.abs(determinant(l));
}

/** @throws LcomsError LCOMS_E_CRYSTAL when the three rows lie in a plane. */
export function inverse(m: Mat3): Mat3 {
  const [[a, b, c], [d, e, f], [g, h, i]] = m;
  const det = determinant(m);
  if (!(Math.abs(det) > 0) || !Number.isFinite(det)) {
    throw new LcomsError('LCOMS_E_CRYSTAL', `the lattice ${JSON.stringify(m)} has no volume`);
  }
  return [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
}

/** Row vector times matrix: fractional to Cartesian when `m` is a lattice. */
export function rowTimes(v: Vec3, m: Mat3): Vec3 {
  return [
    v[0] * m[0][0] + v[1] * m[1][0] + v[2] * m[2][0],
    v[0] * m[0][1] + v[1] * m[1][1] + v[2] * m[2][1],
    v[0] * m[0][2] + v[1] * m[1][2] + v[2] * m[2][2],
  ];
}

/** Matrix product a b. */
export function multiply(a: Mat3, b: Mat3): Mat3 {
  return [rowTimes(a[0], b), rowTimes(a[1], b), rowTimes(a[2], b)];
}

/** n x 3 fractional -> n x 3 Cartesian, A. */
export function toCartesian(frac: Vec3[], l: Mat3): Vec3[] {
  return frac.map((f) => rowTimes(f, l));
}

/** n x 3 Cartesian (A) -> n x 3 fractional, not wrapped. */
export function toFractional(cart: Vec3[], l: Mat3): Vec3[] {
  const m = inverse(l);
  return cart.map((x) => rowTimes(x, m));
}

/** Fractional coordinates moved into [0, 1). */
export function wrap(frac: Vec3[]): Vec3[] {
  return frac.map((f) => f.map(wrapOne) as Vec3);
}

function wrapOne(x: number): number {
  const y = x - Math.floor(x);
  // -1e-17 - floor(-1e-17) rounds to 1.
  return y === 1 ? 0 : y;
}
