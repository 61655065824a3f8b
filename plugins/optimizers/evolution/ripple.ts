import { determinant, multiply } from '../../../lib/crystal/lattice.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

/** Strains that press the cell flatter than this share of its volume are drawn anew. */
const FLATTEST = 0.1;

/**
 * Strain and ripple (Lonie and Zurek 2011, "stripple"): the lattice is strained at random and brought back to its volume;
 * atoms move along one base vector, z say, by rho cos(2 pi x + theta) cos(2 pi y + theta').
 *
 * @param strain standard deviation of the elements of the symmetric strain matrix, which are cut off at 1; those off the
 *   diagonal count half
 * @param amplitude range of rho, in units of the base vector
 */
export function ripple(
  { lattice, species, frac }: Crystal,
  rng: Rng,
  strain: number,
  [low, high]: readonly [number, number],
): Crystal {
  const strained = multiply(lattice, strainMatrix(rng, strain));
  const rho = low + (high - low) * rng.uniform();
  const axis = rng.int(3);
  const [u, w] = [(axis + 1) % 3, (axis + 2) % 3] as [number, number];
  const phases = [rng.uniform(), rng.uniform()] as const;
  const wave = (x: number, phase: number): number => Math.cos(2 * Math.PI * (x + phase));
  const moved = frac.map((f) => {
    const shift = rho * wave(f[u] as number, phases[0]) * wave(f[w] as number, phases[1]);
    return f.map((x, k) => (k === axis ? x + shift : x)) as Vec3;
  });
  return { lattice: strained, species: [...species], frac: moved };
}

/** I + epsilon, scaled to determinant 1. */
function strainMatrix(rng: Rng, deviation: number): Mat3 {
  for (;;) {
    const e = Array.from({ length: 6 }, () => Math.max(-1, Math.min(1, deviation * rng.normal())));
    const [xx, yy, zz, yz, xz, xy] = e as [number, number, number, number, number, number];
    const matrix: Mat3 = [
      [1 + xx, xy / 2, xz / 2],
      [xy / 2, 1 + yy, yz / 2],
      [xz / 2, yz / 2, 1 + zz],
    ];
    const det = determinant(matrix);
    if (det < FLATTEST) continue;
    const scale = 1 / Math.cbrt(det);
    return matrix.map((row) => row.map((x) => scale * x)) as Mat3;
  }
}
