import type { Mat3, Vec3 } from '../../schemas/crystal.js';
import { latticeFromParameters, volume } from '../crystal/lattice.js';
import type { CrystalSystem } from '../crystal/space-group.js';
import type { Rng } from '../random/rng.js';
import { ANGLES, between, EDGES, randomLattice } from './random-start.js';

/**
 * A random lattice of a crystal system, conventional cell: unique axis b in monoclinic cells, hexagonal axes in trigonal
 * ones. What the system leaves free is drawn as for random crystals; the metric of the rest is exact to rounding.
 * @param target volume of the conventional cell, A^3
 */
export function systemLattice(system: CrystalSystem, target: number, rng: Rng): Mat3 {
  if (system === 'triclinic') return randomLattice(target, rng);
  const [a, b, c] = [between(rng, EDGES), between(rng, EDGES), between(rng, EDGES)];
  const beta = between(rng, ANGLES);
  const [lengths, angles] = conventionalShape(system, a, b, c, beta);
  const lattice = latticeFromParameters(lengths, angles);
  const scale = Math.cbrt(target / volume(lattice));
  return lattice.map((row) => row.map((x) => x * scale)) as Mat3;
}

/** Lengths and angles (degrees) of a conventional cell, with what the system fixes put in. */
export function conventionalShape(
  system: Exclude<CrystalSystem, 'triclinic'>,
  a: number,
  b: number,
  c: number,
  beta: number,
): [Vec3, Vec3] {
  switch (system) {
    case 'monoclinic':
      return [
        [a, b, c],
        [90, beta, 90],
      ];
    case 'orthorhombic':
      return [
        [a, b, c],
        [90, 90, 90],
      ];
    case 'tetragonal':
      return [
        [a, a, c],
        [90, 90, 90],
      ];
    case 'trigonal':
    case 'hexagonal':
      return [
        [a, a, c],
        [90, 90, 120],
      ];
    case 'cubic':
      return [
        [a, a, a],
        [90, 90, 90],
      ];
  }
}
