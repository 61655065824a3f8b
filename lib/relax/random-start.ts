import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { nearestImage } from '../crystal/displacement.js';
import { covalentRadius } from '../crystal/element-data.js';
import { latticeFromParameters, volume } from '../crystal/lattice.js';
import { minimumDistanceRatio } from '../crystal/neighbours.js';
import type { Rng } from '../random/rng.js';

export interface RandomStartOptions {
  /** Smallest d_ij / (r_i + r_j) allowed, covalent radii. Default 0.72. */
  minDistanceRatio?: number;
  /** Cell volume as a multiple of that of the atoms as spheres of covalent radius. Default 1.3 to 2.2. */
  volumeRange?: readonly [number, number];
  /** Cells tried before giving up. Default 2000. */
  attempts?: number;
}

/** Defaults of the options above. */
export const MIN_DISTANCE_RATIO = 0.72;
const VOLUME_RANGE: readonly [number, number] = [1.3, 2.2];
/** A^3/atom: hydrogen's covalent sphere is so small that its cells would be denser than any solid. */
const MIN_VOLUME_PER_ATOM = 5;
/** Cell edges before scaling, and angles in degrees: no flat cells. */
export const EDGES = [0.6, 1.5] as const;
export const ANGLES = [55, 125] as const;
/** Volume of the unit parallelepiped below which a cell is flat. */
const MIN_ORTHOGONALITY = 0.45;
/** Places tried for one atom before the cell is thrown away. */
const PLACES = 50;
/** After this many cells without success the volume grows: awkward radii need more room. */
const CELLS_PER_VOLUME = 20;

/** A number between the two, uniformly. */
export const between = (rng: Rng, [low, high]: readonly [number, number]): number => low + (high - low) * rng.uniform();

/**
 * A random crystal of the given atoms: random lattice, random places, no two atoms too near. Not relaxed.
 * @throws LcomsError LCOMS_E_INPUT when no such crystal is found in `attempts` cells.
 */
export function randomCrystal(species: readonly string[], rng: Rng, options: RandomStartOptions = {}): Crystal {
  const { minDistanceRatio = MIN_DISTANCE_RATIO, volumeRange = VOLUME_RANGE, attempts = 2000 } = options;
  if (species.length === 0) throw new LcomsError('LCOMS_E_INPUT', 'A random crystal needs at least one atom.');
  const radii = species.map(covalentRadius);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const room = 1.05 ** Math.floor(attempt / CELLS_PER_VOLUME);
    const target = randomVolume(species, rng, volumeRange) * room;
    const lattice = randomLattice(target, rng);
    const frac = place(lattice, radii, minDistanceRatio, rng);
    if (frac === null) continue;
    const crystal: Crystal = { lattice, species: [...species], frac };
    // Atoms and their own images, which placing does not see, are too near in a narrow cell.
    if (minimumDistanceRatio(crystal) >= minDistanceRatio) return crystal;
  }
  throw new LcomsError(
    'LCOMS_E_INPUT',
    `No random crystal of ${species.join(' ')} with distances of at least ${minDistanceRatio} times the covalent ones in ${attempts} cells.`,
  );
}

/** A cell volume for the atoms, A^3: a random multiple of that of the atoms as covalent spheres. */
export function randomVolume(
  species: readonly string[],
  rng: Rng,
  range: readonly [number, number] = VOLUME_RANGE,
): number {
  const spheres = species.reduce((sum, e) => sum + (4 / 3) * Math.PI * covalentRadius(e) ** 3, 0);
  return Math.max(spheres * between(rng, range), MIN_VOLUME_PER_ATOM * species.length);
}

/** A lattice of volume `target` (A^3) with edges and angles at random, not flat. */
export function randomLattice(target: number, rng: Rng): Mat3 {
  for (;;) {
    const lengths: Vec3 = [between(rng, EDGES), between(rng, EDGES), between(rng, EDGES)];
    const angles: Vec3 = [between(rng, ANGLES), between(rng, ANGLES), between(rng, ANGLES)];
    const [ca, cb, cg] = angles.map((x) => Math.cos((x * Math.PI) / 180)) as Vec3;
    if (1 - ca * ca - cb * cb - cg * cg + 2 * ca * cb * cg < MIN_ORTHOGONALITY ** 2) continue;
    const lattice = latticeFromParameters(lengths, angles);
    const scale = Math.cbrt(target / volume(lattice));
    return lattice.map((row) => row.map((x) => x * scale)) as Mat3;
  }
}

function place(lattice: Mat3, radii: readonly number[], ratio: number, rng: Rng): Vec3[] | null {
  const displacement = nearestImage(lattice);
  const placed: Vec3[] = [];
  for (const radius of radii) {
    let found: Vec3 | null = null;
    for (let t = 0; t < PLACES && found === null; t++) {
      const here: Vec3 = [rng.uniform(), rng.uniform(), rng.uniform()];
      const free = placed.every(
        (other, j) => Math.hypot(...displacement(here, other)) >= ratio * (radius + (radii[j] as number)),
      );
      if (free) found = here;
    }
    if (found === null) return null;
    placed.push(found);
  }
  return placed;
}
