import { covalentRadius, elementData } from '../../../lib/crystal/element-data.js';
import { volume } from '../../../lib/crystal/lattice.js';
import type { Composition, Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { ELEMENT_PROTOTYPES } from './element-prototypes.js';

/** A known structure type with its atoms in place: a start for a relaxation, named as in the Strukturbericht. */
export interface PrototypeStart {
  name: string;
  crystal: Crystal;
}

/** Atoms slightly off their sites (A, roughly): a start on a saddle of high symmetry could not leave it. */
const RATTLE = 0.002;
/** A^3/atom. */
const MIN_VOLUME_PER_ATOM = 5;

const hexagonal = (a: number, c: number): Mat3 => [
  [a, 0, 0],
  [-a / 2, (a * Math.sqrt(3)) / 2, 0],
  [0, 0, c],
];
const cubic = (a: number): Mat3 => [
  [a, 0, 0],
  [0, a, 0],
  [0, 0, a],
];
const faceCentred = (h: number): Mat3 => [
  [0, h, h],
  [h, 0, h],
  [h, h, 0],
];

type Build = (a: string, x: string, d: number) => Crystal;

/** AX with nearest neighbours at about d (A): rock salt, CsCl, zinc blende, wurtzite, NiAs. */
const AX: Record<string, Build> = {
  B1: (a, x, d) => ({
    lattice: faceCentred(d),
    species: [a, x],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  }),
  B2: (a, x, d) => ({
    lattice: cubic(((2 * d) / Math.sqrt(3)) * 1.03),
    species: [a, x],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  }),
  B3: (a, x, d) => ({
    lattice: faceCentred(((2 * d) / Math.sqrt(3)) * 0.95),
    species: [a, x],
    frac: [
      [0, 0, 0],
      [0.25, 0.25, 0.25],
    ],
  }),
  B4: (a, x, d) => {
    const edge = d * 0.95 * Math.sqrt(8 / 3);
    return {
      lattice: hexagonal(edge, edge * Math.sqrt(8 / 3)),
      species: [a, a, x, x],
      frac: [
        [1 / 3, 2 / 3, 0],
        [2 / 3, 1 / 3, 0.5],
        [1 / 3, 2 / 3, 0.375],
        [2 / 3, 1 / 3, 0.875],
      ],
    };
  },
  B8: (a, x, d) => ({
    lattice: hexagonal(d * 1.41, d * 1.41 * 1.45),
    species: [a, a, x, x],
    frac: [
      [0, 0, 0],
      [0, 0, 0.5],
      [1 / 3, 2 / 3, 0.25],
      [2 / 3, 1 / 3, 0.75],
    ],
  }),
};

/** AX2, and A2X with the roles exchanged. */
const AX2: Record<string, Build> = {
  fluorite: (a, x, d) => ({
    lattice: faceCentred((2 * d) / Math.sqrt(3)),
    species: [a, x, x],
    frac: [
      [0, 0, 0],
      [0.25, 0.25, 0.25],
      [0.75, 0.75, 0.75],
    ],
  }),
  rutile: (a, x, d) => ({
    lattice: [
      [d * 2.3, 0, 0],
      [0, d * 2.3, 0],
      [0, 0, d * 1.48],
    ],
    species: [a, a, x, x, x, x],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.305, 0.305, 0],
      [0.695, 0.695, 0],
      [0.195, 0.805, 0.5],
      [0.805, 0.195, 0.5],
    ],
  }),
  CdI2: (a, x, d) => ({
    lattice: hexagonal(d * 1.41, d * 1.41 * 1.62),
    species: [a, x, x],
    frac: [
      [0, 0, 0],
      [1 / 3, 2 / 3, 0.25],
      [2 / 3, 1 / 3, 0.75],
    ],
  }),
};

const rattled = (crystal: Crystal): Crystal => ({
  ...crystal,
  frac: crystal.frac.map((f, i) => f.map((x, k) => x + RATTLE * Math.sin(13 * i + 5 * k + 1)) as Vec3),
});

/** The crystal, blown up to a solid's density where single-bond radii make close packings too dense (H, C, N, O). */
function roomy(crystal: Crystal): Crystal {
  const scale = Math.cbrt((MIN_VOLUME_PER_ATOM * crystal.species.length) / volume(crystal.lattice));
  return scale <= 1
    ? crystal
    : { ...crystal, lattice: crystal.lattice.map((row) => row.map((x) => scale * x)) as Mat3 };
}

const electronegativity = (symbol: string): number => elementData(symbol).electronegativity ?? 0;

/**
 * The prototypes known for a reduced composition: AX, AX2 and A2X (anti-), and the elements. Empty for others. Sizes
 * come from covalent radii and are meant to be relaxed.
 */
export function prototypeStarts(composition: Composition): PrototypeStart[] {
  const elements = Object.keys(composition);
  const [p, q] = elements as [string, string?];
  if (elements.length === 1) {
    const d = 2 * covalentRadius(p);
    return Object.entries(ELEMENT_PROTOTYPES).map(([name, build]) => ({ name, crystal: rattled(roomy(build(p, d))) }));
  }
  if (elements.length !== 2 || q === undefined) return [];
  const d = (covalentRadius(p) + covalentRadius(q)) * 1.02;
  const counts = [composition[p] as number, composition[q] as number];
  if (counts[0] === 1 && counts[1] === 1) {
    // The cation first: NiAs is the one type where the roles differ.
    const [a, x] = electronegativity(p) <= electronegativity(q) ? [p, q] : [q, p];
    return Object.entries(AX).map(([name, build]) => ({ name, crystal: rattled(build(a, x, d)) }));
  }
  if (Math.min(...counts) !== 1 || Math.max(...counts) !== 2) return [];
  const [single, double] = counts[0] === 1 ? [p, q] : [q, p];
  const anti = electronegativity(single) > electronegativity(double) ? 'anti-' : '';
  return Object.entries(AX2).map(([name, build]) => ({
    name: `${anti}${name}`,
    crystal: rattled(build(single, double, d)),
  }));
}
