import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { volume } from '../crystal/lattice.js';

/** A: the widest layer without atoms parallel to two base vectors of the cell, over its three faces. */
export function largestGap({ lattice, frac }: Crystal): number {
  const spacings = faceSpacings(lattice);
  return Math.max(
    ...[0, 1, 2].map((axis) => {
      const places = frac.map((f) => (f[axis] as number) - Math.floor(f[axis] as number)).sort((a, b) => a - b);
      const gaps = places.map((x, i) => (places[i + 1] ?? 1 + (places[0] as number)) - x);
      return (spacings[axis] as number) * Math.max(...gaps);
    }),
  );
}

/** A: distance between opposite faces of the cell. */
function faceSpacings(lattice: Mat3): Vec3 {
  const v = volume(lattice);
  return [0, 1, 2].map((axis) => {
    const [u, w] = lattice.filter((_, i) => i !== axis) as [Vec3, Vec3];
    const normal = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    return v / Math.hypot(...normal);
  }) as Vec3;
}
