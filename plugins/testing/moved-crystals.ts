import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';

/** All atoms moved by the same fractional vector. */
export function translated(crystal: Crystal, by: Vec3 = [0.13, 0.27, 0.41]): Crystal {
  return { ...crystal, frac: crystal.frac.map((f) => f.map((x, i) => x + (by[i] as number)) as Vec3) };
}

/** Atoms in reverse order. */
export function reversed(crystal: Crystal): Crystal {
  return { ...crystal, species: crystal.species.toReversed(), frac: crystal.frac.toReversed() };
}

/** Turned about an oblique axis: the same crystal in other Cartesian axes. */
export function rotated(crystal: Crystal): Crystal {
  const turn = ([x, y, z]: Vec3): Vec3 => {
    const [u, v] = [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y];
    return [u, 0.28 * v - 0.96 * z, 0.96 * v + 0.28 * z];
  };
  return { ...crystal, lattice: crystal.lattice.map(turn) as Mat3 };
}

/** Two cells along the first base vector: atoms of the first cell, then those of the second. */
export function doubled(crystal: Crystal): Crystal {
  const [a, b, c] = crystal.lattice;
  const copy = (shift: number) => crystal.frac.map(([x, y, z]): Vec3 => [(x + shift) / 2, y, z]);
  return {
    ...crystal,
    lattice: [a.map((x) => 2 * x) as Vec3, b, c],
    species: [...crystal.species, ...crystal.species],
    frac: [...copy(0), ...copy(1)],
  };
}

/** The lattice and its atoms stretched along Cartesian x by the factor 1 + strain. */
export function stretched(crystal: Crystal, strain: number): Crystal {
  return { ...crystal, lattice: crystal.lattice.map(([x, y, z]): Vec3 => [x * (1 + strain), y, z]) as Mat3 };
}
