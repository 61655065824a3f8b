import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { determinant, latticeParameters } from './lattice.js';
import { neighbourListFlat } from './pair-search.js';

/** Another choice of base vectors: `lattice` = `transformation` . the original lattice. */
export interface LatticeMapping {
  lattice: Mat3;
  /** Whole numbers, determinant 1 or -1. */
  transformation: Mat3;
}

interface LatticePoint {
  vector: Vec3;
  image: Vec3;
  length: number;
}

function pointsWithin(lattice: Mat3, radius: number): LatticePoint[] {
  const list = neighbourListFlat(Float64Array.from(lattice.flat()), new Float64Array(3), radius);
  return Array.from({ length: list.count }, (_, p) => ({
    vector: Array.from(list.vector.subarray(3 * p, 3 * p + 3)) as Vec3,
    image: Array.from(list.image.subarray(3 * p, 3 * p + 3)) as Vec3,
    length: list.distance[p] as number,
  }));
}

/** Angle between two lattice points, degrees. */
function angle(a: LatticePoint, b: LatticePoint): number {
  const [u, v] = [a.vector, b.vector];
  const cosine = (u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) / (a.length * b.length);
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

/**
 * Every choice of base vectors of `lattice` whose lengths are within a factor 1 + `ltol` and whose angles are within
 * `angleTol` (degrees) of those of `target`, the cell kept the same size: pymatgen's `Lattice.find_all_mappings`.
 */
export function* latticeMappings(
  lattice: Mat3,
  target: Mat3,
  ltol: number,
  angleTol: number,
): Generator<LatticeMapping> {
  const { lengths, angles } = latticeParameters(target);
  const points = pointsWithin(lattice, Math.max(...lengths) * (1 + ltol));
  const [as, bs, cs] = lengths.map((length) =>
    points.filter((p) => p.length / length < 1 + ltol && p.length / length > 1 / (1 + ltol)),
  ) as [LatticePoint[], LatticePoint[], LatticePoint[]];
  const fits = (x: number, wanted: number): boolean => Math.abs(x - wanted) <= angleTol;
  for (const a of as) {
    const csOfA = cs.filter((c) => fits(angle(a, c), angles[1]));
    for (const b of bs) {
      if (!fits(angle(a, b), angles[2])) continue;
      for (const c of csOfA) {
        if (!fits(angle(b, c), angles[0])) continue;
        const transformation: Mat3 = [a.image, b.image, c.image];
        if (Math.abs(determinant(transformation)) !== 1) continue;
        yield { lattice: [a.vector, b.vector, c.vector], transformation };
      }
    }
  }
}
