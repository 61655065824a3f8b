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
  /** Lattice translations, A, that can bring some pair of atoms within the cutoff; 3 a translation, shortest first. */
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
      reach = Math.max(
        reach,
        Math.hypot(
          0.5 * a[0] + sb * b[0] + sc * c[0],
          0.5 * a[1] + sb * b[1] + sc * c[1],
          0.5 * a[2] + sb * b[2] + sc * c[2],
        ),
      );
  const radius = cutoff + reach;
  const range = normals.map((normal) => Math.ceil((radius * Math.hypot(...normal)) / volume)) as [
    number,
    number,
    number,
  ];
  // Diffused lattices need a new cell at each call of the network: flat arrays are twice as fast here as one a translation.
  const found: number[] = [];
  const squares: number[] = [];
  for (let i = -range[0]; i <= range[0]; i++)
    for (let j = -range[1]; j <= range[1]; j++) {
      const x0 = i * a[0] + j * b[0];
      const y0 = i * a[1] + j * b[1];
      const z0 = i * a[2] + j * b[2];
      for (let k = -range[2]; k <= range[2]; k++) {
        const x = x0 + k * c[0];
        const y = y0 + k * c[1];
        const z = z0 + k * c[2];
        const squared = x * x + y * y + z * z;
        if (squared > radius * radius) continue;
        found.push(x, y, z);
        squares.push(squared);
      }
    }
  const order = squares.map((_, t) => t).sort((s, t) => (squares[s] as number) - (squares[t] as number));
  const translations = new Float64Array(found.length);
  order.forEach((t, at) => {
    for (let k = 0; k < 3; k++) translations[3 * at + k] = found[3 * t + k] as number;
  });
  return { n, lattice: Float64Array.from(lattice.flat()), cutoff, translations };
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
/** Gaussians further away than this many widths are left out: they are below 2e-8 of their height. */
const REACH = 6;
const FALLING = Math.exp(-1);

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
 * @param out filled from `offset` on with ANGULAR x n x n x R numbers, [component][i][j][r]
 * @param size atoms that there is room for, n by default: sums of a smaller crystal in a batch, in rows of `size`
 */
export function sumPairBasis(
  cell: PeriodicCell,
  frac: Float64Array,
  radialFunctions: number,
  out: Float32Array,
  offset: number,
  size = cell.n,
): void {
  const { n, cutoff, translations, lattice } = cell;
  const [l0, l1, l2, l3, l4, l5, l6, l7, l8] = lattice as unknown as Nine;
  const R = radialFunctions;
  const block = size * size * R;
  const sums = new Float64Array(pairLength(R));
  const radial = new Float64Array(R);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let fa = (frac[3 * j] as number) - (frac[3 * i] as number);
      let fb = (frac[3 * j + 1] as number) - (frac[3 * i + 1] as number);
      let fc = (frac[3 * j + 2] as number) - (frac[3 * i + 2] as number);
      fa -= Math.round(fa);
      fb -= Math.round(fb);
      fc -= Math.round(fc);
      const x = fa * l0 + fb * l3 + fc * l6;
      const y = fa * l1 + fb * l4 + fc * l7;
      const z = fa * l2 + fb * l5 + fc * l8;
      sumImages(x, y, z, i === j, cutoff, translations, radial, sums);
      const here = offset + (i * size + j) * R;
      const there = offset + (j * size + i) * R;
      for (let k = 0; k < ANGULAR; k++) {
        const direction = k >= 1 && k <= 3;
        // From j to i every direction is turned round, quadrupoles do not see that; opposite images of an atom cancel.
        const sign = direction ? -1 : 1;
        const scale = direction && i === j ? 0 : 1;
        const to = here + k * block;
        const back = there + k * block;
        for (let r = 0; r < R; r++) {
          const value = scale * (sums[k * R + r] as number);
          out[back + r] = sign * value;
          out[to + r] = value;
        }
      }
    }
  }
}

/** The sums of one pair, (x, y, z) apart, over `sums`: [component][r]. `radial` is room for R numbers. */
function sumImages(
  x0: number,
  y0: number,
  z0: number,
  self: boolean,
  cutoff: number,
  translations: Float64Array,
  radial: Float64Array,
  sums: Float64Array,
): void {
  const R = radial.length;
  const scale = (R - 1) / (1 - FIRST_CENTRE);
  const squaredCutoff = cutoff * cutoff;
  const reach = cutoff + Math.sqrt(x0 * x0 + y0 * y0 + z0 * z0);
  const squaredReach = reach * reach;
  sums.fill(0);
  for (let t = 0; t < translations.length; t += 3) {
    const tx = translations[t] as number;
    const ty = translations[t + 1] as number;
    const tz = translations[t + 2] as number;
    // Longer ones follow.
    if (tx * tx + ty * ty + tz * tz > squaredReach) break;
    const x = x0 + tx;
    const y = y0 + ty;
    const z = z0 + tz;
    const squared = x * x + y * y + z * z;
    if (squared >= squaredCutoff || (self && squared < 1e-12)) continue;
    const distance = Math.sqrt(squared);
    const u = distance / cutoff;
    const u3 = u * u * u;
    const u6 = u3 * u3;
    const envelope = SUM_SCALE * (1 + u6 * (-28 + 48 * u - 21 * u * u));
    // Equally spaced Gaussians follow from one by ratios that fall by a constant factor.
    const place = (u - FIRST_CENTRE) * scale;
    const first = Math.max(0, Math.ceil(place - REACH));
    const last = Math.min(R - 1, Math.floor(place + REACH));
    const away = place - first;
    let gaussian = envelope * Math.exp(-0.5 * away * away);
    let ratio = Math.exp(away - 0.5);
    for (let r = first; r <= last; r++) {
      radial[r] = gaussian;
      gaussian *= ratio;
      ratio *= FALLING;
    }
    // Two atoms on one spot have no direction.
    const inverse = distance > 1e-9 ? 1 / distance : 0;
    const ux = x * inverse;
    const uy = y * inverse;
    const uz = z * inverse;
    const xy = ROOT3 * ux * uy;
    const yz = ROOT3 * uy * uz;
    const xz = ROOT3 * ux * uz;
    const flat = 0.5 * ROOT3 * (ux * ux - uy * uy);
    const tall = inverse > 0 ? 1.5 * uz * uz - 0.5 : 0;
    for (let r = first; r <= last; r++) {
      const g = radial[r] as number;
      sums[r] = (sums[r] as number) + g;
      sums[R + r] = (sums[R + r] as number) + g * ux;
      sums[2 * R + r] = (sums[2 * R + r] as number) + g * uy;
      sums[3 * R + r] = (sums[3 * R + r] as number) + g * uz;
      sums[4 * R + r] = (sums[4 * R + r] as number) + g * xy;
      sums[5 * R + r] = (sums[5 * R + r] as number) + g * yz;
      sums[6 * R + r] = (sums[6 * R + r] as number) + g * xz;
      sums[7 * R + r] = (sums[7 * R + r] as number) + g * flat;
      sums[8 * R + r] = (sums[8 * R + r] as number) + g * tall;
    }
  }
}
