import type { Mat3 } from '../../../schemas/crystal.js';

/**
 * A cell ready for basis sums: it depends on the lattice and the number of atoms alone, so one serves all noise levels
 * and Langevin steps of a crystal.
 */
export interface PeriodicCell {
  /** Atoms. */
  n: number;
  /** Base vectors in rows, A, length 9. */
  lattice: Float64Array;
  /** A. */
  cutoff: number;
  /** Lattice translations, A, that can bring some pair of atoms within the cutoff; 3 a translation. */
  translations: Float64Array;
}

/**
 * The cutoff is the radius of the sphere that holds `neighbours` atoms on average, so it is smooth in the lattice and
 * equal for a cell and its supercells, and a prototype looks the same at every scale.
 */
export function periodicCell(lattice: Mat3, n: number, neighbours: number): PeriodicCell {
  const [a, b, c] = lattice;
  const cross = (u: readonly number[], v: readonly number[]) => [
    (u[1] as number) * (v[2] as number) - (u[2] as number) * (v[1] as number),
    (u[2] as number) * (v[0] as number) - (u[0] as number) * (v[2] as number),
    (u[0] as number) * (v[1] as number) - (u[1] as number) * (v[0] as number),
  ];
  const normals = [cross(b, c), cross(c, a), cross(a, b)];
  const first = normals[0] as number[];
  const volume = Math.abs(a[0] * (first[0] as number) + a[1] * (first[1] as number) + a[2] * (first[2] as number));
  const cutoff = Math.cbrt((3 * neighbours * volume) / (4 * Math.PI * n));
  // Pairs are taken with fractional differences within +-1/2 first, so no pair is longer than this before translation.
  let reach = 0;
  for (const sb of [-0.5, 0.5])
    for (const sc of [-0.5, 0.5])
      reach = Math.max(reach, Math.hypot(...([0, 1, 2] as const).map((k) => 0.5 * a[k] + sb * b[k] + sc * c[k])));
  const radius = cutoff + reach;
  const range = normals.map((normal) => Math.ceil((radius * Math.hypot(...normal)) / volume)) as [
    number,
    number,
    number,
  ];
  const translations: number[] = [];
  for (let i = -range[0]; i <= range[0]; i++)
    for (let j = -range[1]; j <= range[1]; j++)
      for (let k = -range[2]; k <= range[2]; k++) {
        const x = i * a[0] + j * b[0] + k * c[0];
        const y = i * a[1] + j * b[1] + k * c[1];
        const z = i * a[2] + j * b[2] + k * c[2];
        if (x * x + y * y + z * z <= radius * radius) translations.push(x, y, z);
      }
  return { n, lattice: Float64Array.from(lattice.flat()), cutoff, translations: Float64Array.from(translations) };
}

/** Centres of the Gaussians over reduced distance: bonds are found from about 0.3 of the cutoff on. */
const FIRST_CENTRE = 0.2;
/** Keeps sums over some thirty neighbours near one. */
const SUM_SCALE = 0.25;

type Nine = [number, number, number, number, number, number, number, number, number];

/** Angular functions of a pair: 1, the direction (3) and the quadrupole of the direction (5). */
export const ANGULAR = 9;

/** Values a pair takes in a basis sum: R radial functions x ANGULAR. */
export const pairLength = (radialFunctions: number): number => ANGULAR * radialFunctions;

const ROOT3 = Math.sqrt(3);
const isDirection = (k: number): boolean => k % ANGULAR >= 1 && k % ANGULAR <= 3;

/**
 * Radial functions g_r and directions summed over periodic images: for atoms i and j,
 * sum over images of g_r(d) e(d) (1, u, Q(u)), where d is the vector from i to the image of j, u its direction and e an
 * envelope that takes value and first two derivatives to zero at the cutoff (DimeNet, p = 6). Q are the five real
 * harmonics of second order, scaled so that Q(u) . Q(w) is the Legendre polynomial P2(u . w): where symmetry makes all
 * sums of directions vanish, they still tell angles.
 *
 * Messages are linear in what the neighbour sends, so all images of a neighbour can share one message: this sum is all
 * that a network needs to know of the geometry, and its size is n^2 whatever the cutoff.
 *
 * @param frac fractional coordinates, 3n, any real numbers
 * @param out filled from `offset` on with n x n x R x ANGULAR numbers, [i][j][r][component]
 */
export function sumPairBasis(
  cell: PeriodicCell,
  frac: Float64Array,
  radialFunctions: number,
  out: Float32Array,
  offset: number,
): void {
  const { n, lattice, cutoff, translations } = cell;
  const R = radialFunctions;
  const length = pairLength(R);
  const squaredCutoff = cutoff * cutoff;
  const spacing = (1 - FIRST_CENTRE) / (R - 1);
  const inverseWidth = 1 / spacing;
  const [l0, l1, l2, l3, l4, l5, l6, l7, l8] = lattice as unknown as Nine;
  const sums = new Float64Array(length);
  const parts = new Float64Array(ANGULAR).fill(1);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let fa = (frac[3 * j] as number) - (frac[3 * i] as number);
      let fb = (frac[3 * j + 1] as number) - (frac[3 * i + 1] as number);
      let fc = (frac[3 * j + 2] as number) - (frac[3 * i + 2] as number);
      fa -= Math.round(fa);
      fb -= Math.round(fb);
      fc -= Math.round(fc);
      const x0 = fa * l0 + fb * l3 + fc * l6;
      const y0 = fa * l1 + fb * l4 + fc * l7;
      const z0 = fa * l2 + fb * l5 + fc * l8;
      sums.fill(0);
      for (let t = 0; t < translations.length; t += 3) {
        const x = x0 + (translations[t] as number);
        const y = y0 + (translations[t + 1] as number);
        const z = z0 + (translations[t + 2] as number);
        const squared = x * x + y * y + z * z;
        if (squared >= squaredCutoff || (i === j && squared < 1e-12)) continue;
        const distance = Math.sqrt(squared);
        const u = distance / cutoff;
        const u3 = u * u * u;
        const u6 = u3 * u3;
        const envelope = SUM_SCALE * (1 + u6 * (-28 + 48 * u - 21 * u * u));
        // Two atoms on one spot have no direction.
        const inverse = distance > 1e-9 ? 1 / distance : 0;
        const ux = x * inverse;
        const uy = y * inverse;
        const uz = z * inverse;
        parts[1] = ux;
        parts[2] = uy;
        parts[3] = uz;
        parts[4] = ROOT3 * ux * uy;
        parts[5] = ROOT3 * uy * uz;
        parts[6] = ROOT3 * ux * uz;
        parts[7] = 0.5 * ROOT3 * (ux * ux - uy * uy);
        parts[8] = inverse > 0 ? 1.5 * uz * uz - 0.5 : 0;
        for (let r = 0; r < R; r++) {
          const w = (u - FIRST_CENTRE - r * spacing) * inverseWidth;
          const g = envelope * Math.exp(-0.5 * w * w);
          const at = ANGULAR * r;
          for (let k = 0; k < ANGULAR; k++) sums[at + k] = (sums[at + k] as number) + g * (parts[k] as number);
        }
      }
      const here = offset + (i * n + j) * length;
      const there = offset + (j * n + i) * length;
      for (let k = 0; k < length; k++) {
        const value = sums[k] as number;
        out[here + k] = value;
        // From j to i every direction is turned round; quadrupoles do not see that.
        out[there + k] = isDirection(k) ? -value : value;
      }
      // Opposite images of an atom cancel: say so exactly.
      if (i === j) for (let k = 0; k < length; k++) if (isDirection(k)) out[here + k] = 0;
    }
  }
}
