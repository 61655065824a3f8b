import type { Rng } from '../../../../lib/random/rng.js';
import type { Crystal, Mat3, Vec3 } from '../../../../schemas/crystal.js';

const cubic = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];
const faceCentred = (a: number): Mat3 => [
  [0, a / 2, a / 2],
  [a / 2, 0, a / 2],
  [a / 2, a / 2, 0],
];

export const rocksalt = (cation: string, anion: string, a: number): Crystal => ({
  lattice: faceCentred(a),
  species: [cation, anion],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
});
export const zincblende = (cation: string, anion: string, a: number): Crystal => ({
  ...rocksalt(cation, anion, a),
  frac: [
    [0, 0, 0],
    [0.25, 0.25, 0.25],
  ],
});
export const caesiumChloride = (cation: string, anion: string, a: number): Crystal => ({
  lattice: cubic(a),
  species: [cation, anion],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
});
export const copper: Crystal = { lattice: faceCentred(3.61), species: ['Cu'], frac: [[0, 0, 0]] };
export const rutile: Crystal = {
  lattice: [
    [4.594, 0, 0],
    [0, 4.594, 0],
    [0, 0, 2.959],
  ],
  species: ['Ti', 'Ti', 'O', 'O', 'O', 'O'],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
    [0.305, 0.305, 0],
    [0.695, 0.695, 0],
    [0.195, 0.805, 0.5],
    [0.805, 0.195, 0.5],
  ],
};

/** Atoms anywhere in a skewed cell: no symmetry to hide a mistake behind. */
export function randomCrystal(rng: Rng, species: string[]): Crystal {
  const edge = Math.cbrt(species.length * 18);
  const lattice = [0, 1, 2].map((i) =>
    [0, 1, 2].map((j) => (i === j ? edge * (1 + 0.3 * rng.uniform()) : edge * 0.4 * (rng.uniform() - 0.5))),
  ) as Mat3;
  return { lattice, species, frac: species.map(() => [rng.uniform(), rng.uniform(), rng.uniform()] as Vec3) };
}

/** A rotation about an arbitrary axis (Rodrigues), to multiply row vectors with from the right. */
export function rotation(rng: Rng): Mat3 {
  const axis = [rng.normal(), rng.normal(), rng.normal()];
  const length = Math.hypot(...axis);
  const [x, y, z] = axis.map((v) => v / length) as Vec3;
  const angle = 2 * Math.PI * rng.uniform();
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const t = 1 - c;
  return [
    [t * x * x + c, t * x * y - s * z, t * x * z + s * y],
    [t * x * y + s * z, t * y * y + c, t * y * z - s * x],
    [t * x * z - s * y, t * y * z + s * x, t * z * z + c],
  ];
}
