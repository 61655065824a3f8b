import type { Crystal, Mat3, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { compositionOf } from '../crystal/composition.js';
import { inverse, multiply, rowTimes, wrap } from '../crystal/lattice.js';
import { minimumDistanceRatio } from '../crystal/neighbours.js';
import { type SpaceGroup, spaceGroup } from '../crystal/space-group.js';
import { orbit, representative, sameSite, type WyckoffPosition } from '../crystal/wyckoff.js';
import { type WyckoffCombination, WyckoffCombinations } from '../crystal/wyckoff-combinations.js';
import type { Rng } from '../random/rng.js';
import { MIN_DISTANCE_RATIO, type RandomStartOptions, randomVolume } from './random-start.js';
import { systemLattice } from './system-lattice.js';

/** A random crystal of a space group, not relaxed. */
export interface SymmetricCrystal {
  /** In a primitive cell. */
  crystal: Crystal;
  /** The group that it was made in; its own group can be a supergroup of it. */
  spaceGroup: number;
  wyckoffs: WyckoffCombination;
  /** Conventional lattice, rows, A: the operations of the group act on fractional coordinates of this cell. */
  conventional: Mat3;
}

/** Cells tried for one group and combination; each has a little more room than the one before. */
const CELLS_PER_COMBINATION = 10;
const ROOM = 1.03;

/**
 * A random symmetric crystal of the given atoms (as by PyXtal and AIRSS): a space group from 2 to 230, each that can hold
 * the atoms as likely as any other; one of the Wyckoff combinations that give the composition, each as likely as any other;
 * a random lattice of the crystal system; random free coordinates; no two atoms too near. The species come element by
 * element.
 * @throws LcomsError LCOMS_E_INPUT when no such crystal is found in `attempts` cells
 */
export function randomSymmetricCrystal(
  species: readonly string[],
  rng: Rng,
  { minDistanceRatio = MIN_DISTANCE_RATIO, volumeRange, attempts = 2000 }: RandomStartOptions = {},
): SymmetricCrystal {
  if (species.length === 0) throw new LcomsError('LCOMS_E_INPUT', 'A random crystal needs at least one atom.');
  const composition = compositionOf(species);
  for (let attempt = 0; attempt < attempts; ) {
    const group = spaceGroup(2 + rng.int(229));
    const combinations = new WyckoffCombinations(group, composition);
    // Some groups hold every composition (Pm, say), so this ends.
    if (combinations.size === 0) continue;
    const wyckoffs = combinations.random(rng);
    for (let cell = 0; cell < CELLS_PER_COMBINATION && attempt < attempts; cell++, attempt++) {
      const target = randomVolume(species, rng, volumeRange) * ROOM ** cell * group.centring;
      const conventional = systemLattice(group.system, target, rng);
      const crystal = symmetricCrystal(group, wyckoffs, conventional, () => [
        rng.uniform(),
        rng.uniform(),
        rng.uniform(),
      ]);
      if (crystal.species.length !== species.length || minimumDistanceRatio(crystal) < minDistanceRatio) continue;
      return { crystal, spaceGroup: group.number, wyckoffs, conventional };
    }
  }
  throw new LcomsError(
    'LCOMS_E_INPUT',
    `No random symmetric crystal of ${species.join(' ')} with distances of at least ${minDistanceRatio} times the covalent ones in ${attempts} cells.`,
  );
}

/**
 * The crystal of a space group, its Wyckoff positions taken and their free coordinates, in a primitive cell.
 * @param conventional lattice of the group's crystal system, rows, A
 * @param parameters (x, y, z) of each orbit in turn, element by element; those that its position does not leave free are
 *   not used
 */
export function symmetricCrystal(
  group: SpaceGroup,
  wyckoffs: WyckoffCombination,
  conventional: Mat3,
  parameters: () => Vec3,
): Crystal {
  const toPrimitive = inverse(group.primitive);
  const species: string[] = [];
  const frac: Vec3[] = [];
  for (const [element, letters] of Object.entries(wyckoffs)) {
    for (const letter of letters) {
      const position = group.positions.find((p) => p.letter === letter) as WyckoffPosition;
      const sites = orbit(representative(position, parameters()), group.operations);
      const distinct = distinctSites(wrap(sites.map((site) => rowTimes(site, toPrimitive))));
      frac.push(...distinct);
      species.push(...distinct.map(() => element));
    }
  }
  return { lattice: multiply(group.primitive, conventional), species, frac };
}

/** The first of all sites that agree but for whole numbers. */
function distinctSites(sites: readonly Vec3[]): Vec3[] {
  const kept: Vec3[] = [];
  for (const site of sites) {
    if (!kept.some((other) => sameSite(other, site))) kept.push(site);
  }
  return kept;
}
