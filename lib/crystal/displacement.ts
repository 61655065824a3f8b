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
  const reduced = multiply(steps, lattice);
  const back = inverse(steps).map((row) => row.map(Math.round)) as Mat3;
  return (fracA, fracB) => {
    const difference: Vec3 = [fracB[0] - fracA[0], fracB[1] - fracA[1], fracB[2] - fracA[2]];
    const f = rowTimes(difference, back).map((x) => x - Math.round(x)) as Vec3;
    let best: Vec3 = [0, 0, 0];
    let shortest = Number.POSITIVE_INFINITY;
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (let k = -1; k <= 1; k++) {
          const v = rowTimes([f[0] + i, f[1] + j, f[2] + k], reduced);
          const d2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
          if (d2 < shortest) {
            shortest = d2;
            best = v;
          }
        }
      }
    }
    return best;
  };
}
