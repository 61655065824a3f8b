import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { inverse, multiply, rowTimes, volume, wrap } from './lattice.js';

const IDENTITY: Mat3 = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const MAX_STEPS = 200;

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Pairwise reduction with whole multiples: brings very long, skewed cells near before the unit steps below. */
function shorten(lattice: Mat3): Mat3 {
  const steps = structuredClone(IDENTITY);
  for (let round = 0; round < MAX_STEPS; round++) {
    let changed = false;
    const l = multiply(steps, lattice);
    for (const [i, j] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [2, 0],
      [1, 2],
      [2, 1],
    ] as const) {
      const n = Math.round(dot(l[i], l[j]) / dot(l[j], l[j]));
      if (n === 0) continue;
      const next = l[i].map((x, k) => x - n * (l[j][k] as number)) as Vec3;
      if (dot(next, next) >= dot(l[i], l[i]) * (1 - 1e-12)) continue;
      l[i] = next;
      steps[i] = steps[i].map((x, k) => x - n * (steps[j][k] as number)) as Vec3;
      changed = true;
    }
    if (!changed) return steps;
  }
  return steps;
}

/** Twice the off-diagonal and the diagonal of the metric: A, B, C, xi, eta, zeta, in A^2. */
function gruber(l: Mat3): [number, number, number, number, number, number] {
  const [a, b, c] = l;
  return [dot(a, a), dot(b, b), dot(c, c), 2 * dot(b, c), 2 * dot(a, c), 2 * dot(a, b)];
}

/** The next of the eight steps of Krivy and Gruber, or undefined when the cell is reduced within `e` (A^2). */
function nextStep(l: Mat3, e: number): Mat3 | undefined {
  const [A, B, C, xi, eta, zeta] = gruber(l);
  const near = (x: number, y: number): boolean => Math.abs(x - y) < e;
  if (A > B + e || (near(A, B) && Math.abs(xi) > Math.abs(eta) + e))
    return [
      [0, -1, 0],
      [-1, 0, 0],
      [0, 0, -1],
    ];
  if (B > C + e || (near(B, C) && Math.abs(eta) > Math.abs(zeta) + e))
    return [
      [-1, 0, 0],
      [0, 0, -1],
      [0, -1, 0],
    ];
  const signs = normalisingSigns(xi, eta, zeta, e);
  if (signs) return signs;
  if (Math.abs(xi) > B + e || (near(B, xi) && zeta > 2 * eta + e) || (near(-B, xi) && zeta < -e))
    return [
      [1, 0, 0],
      [0, 1, 0],
      [0, -Math.sign(xi), 1],
    ];
  if (Math.abs(eta) > A + e || (near(A, eta) && zeta > 2 * xi + e) || (near(-A, eta) && zeta < -e))
    return [
      [1, 0, 0],
      [0, 1, 0],
      [-Math.sign(eta), 0, 1],
    ];
  if (Math.abs(zeta) > A + e || (near(A, zeta) && eta > 2 * xi + e) || (near(-A, zeta) && eta < -e))
    return [
      [1, 0, 0],
      [-Math.sign(zeta), 1, 0],
      [0, 0, 1],
    ];
  const sum = A + B + xi + eta + zeta;
  if (sum < -e || (near(sum, 0) && 2 * (A + eta) + zeta > e))
    return [
      [1, 0, 0],
      [0, 1, 0],
      [1, 1, 1],
    ];
  return undefined;
}

/** Makes all three angles acute, or none (steps 3 and 4); undefined when they are so already. */
function normalisingSigns(xi: number, eta: number, zeta: number, e: number): Mat3 | undefined {
  const sign = (x: number): number => (x > e ? 1 : x < -e ? -1 : 0);
  const [l, m, n] = [sign(xi), sign(eta), sign(zeta)];
  const diagonal = (i: number, j: number, k: number): Mat3 | undefined =>
    i === 1 && j === 1 && k === 1
      ? undefined
      : [
          [i, 0, 0],
          [0, j, 0],
          [0, 0, k],
        ];
  if (l * m * n === 1) return diagonal(l === -1 ? -1 : 1, m === -1 ? -1 : 1, n === -1 ? -1 : 1);
  const flips: [number, number, number] = [l === 1 ? -1 : 1, m === 1 ? -1 : 1, n === 1 ? -1 : 1];
  if (flips[0] * flips[1] * flips[2] === -1) {
    // An odd number of flips changes handedness: give the spare one to a right angle.
    const spare = n === 0 ? 2 : m === 0 ? 1 : l === 0 ? 0 : undefined;
    if (spare === undefined) return undefined;
    flips[spare] = -(flips[spare] as number);
  }
  return diagonal(...flips);
}

/** Factors on the tolerance: noise of about its size can make the steps go round in a circle. */
const LOOSER = [1, 10, 100, 1000];

/**
 * Whole-number matrix T (determinant 1) such that T . lattice is the Niggli cell: Krivy and Gruber 1976 with the
 * epsilon of Grosse-Kunstleve, Sauter and Adams, Acta Cryst. A60 (2004) 1, epsilon = tolerance V^(1/3) as pymatgen.
 * Where the steps do not end, because lengths or angles are equal to about the tolerance, a looser one is taken.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume or the steps do not end.
 */
export function niggliTransformation(lattice: Mat3, tolerance = 1e-5): Mat3 {
  inverse(lattice);
  const start = shorten(lattice);
  const size = Math.cbrt(volume(lattice));
  for (const factor of LOOSER) {
    let steps = start;
    for (let i = 0; i < MAX_STEPS; i++) {
      const step = nextStep(multiply(steps, lattice), factor * tolerance * size);
      if (!step) return steps;
      steps = multiply(step, steps);
    }
  }
  throw new LcomsError('LCOMS_E_CRYSTAL', `the Niggli reduction of ${JSON.stringify(lattice)} does not end`);
}

/** The same crystal in its Niggli cell (orientation in space, species order and energies kept; frac in [0, 1)). */
export function niggliReduce(c: Crystal): Crystal {
  const steps = niggliTransformation(c.lattice);
  const back = inverse(steps).map((row) => row.map(Math.round)) as Mat3;
  return {
    ...c,
    species: [...c.species],
    // Without negative zeros: equal cells are equal bytes.
    lattice: multiply(steps, c.lattice).map((row) => row.map((x) => x + 0)) as Mat3,
    frac: wrap(c.frac.map((f) => rowTimes(f, back))),
  };
}
