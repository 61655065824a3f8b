import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { inverse, multiply, rowTimes } from './lattice.js';
import { niggliTransformation } from './niggli.js';

/**
 * Displacement (A, Cartesian) from `fracA` to the nearest periodic image of `fracB`. Right for skewed cells: the
 * search runs in the Niggli cell, where the nearest image of a wrapped difference is at most one cell away.
 *
 * @throws LcomsError LCOMS_E_CRYSTAL when the lattice has no volume.
 */
export function periodicDisplacement(fracA: Vec3, fracB: Vec3, lattice: Mat3): Vec3 {
  return nearestImage(lattice)(fracA, fracB);
}

/** `periodicDisplacement` for many pairs of one lattice: the reduction is done once. */
export function nearestImage(lattice: Mat3): (fracA: Vec3, fracB: Vec3) => Vec3 {
  const steps = niggliTransformation(lattice);
  const [a, b, c] = multiply(steps, lattice);
  const back = inverse(steps).map((row) => row.map(Math.round)) as Mat3;
  return (fracA, fracB) => {
    const difference: Vec3 = [fracB[0] - fracA[0], fracB[1] - fracA[1], fracB[2] - fracA[2]];
    const f = rowTimes(difference, back).map((x) => x - Math.round(x)) as Vec3;
    let bestX = 0;
    let bestY = 0;
    let bestZ = 0;
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = f[0] - 1; i <= f[0] + 1; i++) {
      for (let j = f[1] - 1; j <= f[1] + 1; j++) {
        for (let k = f[2] - 1; k <= f[2] + 1; k++) {
          const x = i * a[0] + j * b[0] + k * c[0];
          const y = i * a[1] + j * b[1] + k * c[1];
          const z = i * a[2] + j * b[2] + k * c[2];
          const d2 = x * x + y * y + z * z;
          if (d2 < shortest) {
            shortest = d2;
            bestX = x;
            bestY = y;
            bestZ = z;
          }
        }
      }
    }
    return [bestX, bestY, bestZ];
  };
}
