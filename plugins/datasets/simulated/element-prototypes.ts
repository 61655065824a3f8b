import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

/** Builds an element's crystal with nearest neighbours at about d (A). */
type Build = (element: string, d: number) => Crystal;

const of = (element: string, lattice: Mat3, frac: Vec3[]): Crystal => ({
  lattice,
  species: frac.map(() => element),
  frac,
});
const orthogonal = (a: number, b: number, c: number): Mat3 => [
  [a, 0, 0],
  [0, b, 0],
  [0, 0, c],
];
const hexagonal = (a: number, c: number): Mat3 => [
  [a, 0, 0],
  [-a / 2, (a * Math.sqrt(3)) / 2, 0],
  [0, 0, c],
];
const faceCentred = (h: number): Mat3 => [
  [0, h, h],
  [h, 0, h],
  [h, h, 0],
];
const rhombohedral = (a: number, degrees: number): Mat3 => {
  const cosine = Math.cos((degrees * Math.PI) / 180);
  const x = a * Math.sqrt((2 * (1 - cosine)) / 3);
  const z = a * Math.sqrt((1 + 2 * cosine) / 3);
  return [
    [x, 0, z],
    [-x / 2, (x * Math.sqrt(3)) / 2, z],
    [-x / 2, (-x * Math.sqrt(3)) / 2, z],
  ];
};

/**
 * Structure types of the elements; internal coordinates and axial ratios of the element that each is named after
 * (As, Se, Sn, Ga, U, I; dhcp: La).
 */
export const ELEMENT_PROTOTYPES: Record<string, Build> = {
  fcc: (e, d) => of(e, faceCentred(d / Math.SQRT2), [[0, 0, 0]]),
  bcc: (e, d) => {
    const h = d / Math.sqrt(3);
    return of(
      e,
      [
        [-h, h, h],
        [h, -h, h],
        [h, h, -h],
      ],
      [[0, 0, 0]],
    );
  },
  hcp: (e, d) =>
    of(e, hexagonal(d, d * 1.633), [
      [1 / 3, 2 / 3, 0.25],
      [2 / 3, 1 / 3, 0.75],
    ]),
  dhcp: (e, d) =>
    of(e, hexagonal(d, d * 3.266), [
      [0, 0, 0],
      [0, 0, 0.5],
      [1 / 3, 2 / 3, 0.25],
      [2 / 3, 1 / 3, 0.75],
    ]),
  sc: (e, d) => of(e, orthogonal(d, d, d), [[0, 0, 0]]),
  diamond: (e, d) =>
    of(e, faceCentred((2 * d) / Math.sqrt(3)), [
      [0, 0, 0],
      [0.25, 0.25, 0.25],
    ]),
  lonsdaleite: (e, d) =>
    of(e, hexagonal(d * Math.sqrt(8 / 3), (d * 8) / 3), [
      [1 / 3, 2 / 3, 0],
      [2 / 3, 1 / 3, 0.5],
      [1 / 3, 2 / 3, 0.375],
      [2 / 3, 1 / 3, 0.875],
    ]),
  graphite: (e, d) =>
    of(e, hexagonal(d * Math.sqrt(3), d * 4.5), [
      [0, 0, 0.25],
      [0, 0, 0.75],
      [1 / 3, 2 / 3, 0.25],
      [2 / 3, 1 / 3, 0.75],
    ]),
  A5: (e, d) =>
    of(e, orthogonal(1.93 * d, 1.93 * d, 1.05 * d), [
      [0, 0, 0],
      [0, 0.5, 0.25],
      [0.5, 0.5, 0.5],
      [0.5, 0, 0.75],
    ]),
  A7: (e, d) =>
    of(e, rhombohedral(1.64 * d, 54.1), [
      [0.227, 0.227, 0.227],
      [-0.227, -0.227, -0.227],
    ]),
  A8: (e, d) =>
    of(e, hexagonal(1.85 * d, 2.1 * d), [
      [0.225, 0, 1 / 3],
      [0, 0.225, 2 / 3],
      [-0.225, -0.225, 0],
    ]),
  A11: (e, d) => {
    const [a, b, c] = [1.82 * d, 3.09 * d, 1.82 * d];
    // Half of the C-centred cell of alpha-Ga.
    return of(
      e,
      [
        [a / 2, -b / 2, 0],
        [a / 2, b / 2, 0],
        [0, 0, c],
      ],
      centred([
        [0, 0.153, 0.079],
        [0, -0.153, -0.079],
        [0.5, 0.153, 0.421],
        [0.5, -0.153, 0.579],
      ]),
    );
  },
  A14: (e, d) => {
    const [a, b, c] = [2.64 * d, 1.735 * d, 3.61 * d];
    // Half of the C-centred cell of iodine: molecules of bond length d.
    return of(
      e,
      [
        [a / 2, -b / 2, 0],
        [a / 2, b / 2, 0],
        [0, 0, c],
      ],
      centred([
        [0, 0.154, 0.117],
        [0, -0.154, -0.117],
        [0.5, 0.154, 0.383],
        [0.5, -0.154, 0.617],
      ]),
    );
  },
  A20: (e, d) => {
    const [a, b, c] = [1.04 * d, 2.13 * d, 1.8 * d];
    return of(
      e,
      [
        [a / 2, -b / 2, 0],
        [a / 2, b / 2, 0],
        [0, 0, c],
      ],
      centred([
        [0, 0.102, 0.25],
        [0, -0.102, 0.75],
      ]),
    );
  },
  /** Molecules of two atoms along the body diagonal of a roomy cubic cell. */
  dimer: (e, d) => {
    const edge = d + 3;
    const shift = d / (2 * Math.sqrt(3) * edge);
    return of(e, orthogonal(edge, edge, edge), [
      [-shift, -shift, -shift],
      [shift, shift, shift],
    ]);
  },
};

/** Coordinates of a C-centred cell in its primitive one, base vectors (a - b)/2, (a + b)/2 and c. */
function centred(frac: Vec3[]): Vec3[] {
  return frac.map(([x, y, z]) => [x - y, x + y, z]);
}
