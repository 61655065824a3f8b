import type { Composition, Crystal, Vec3 } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { compositionOf, reducedFormula } from '../crystal/composition.js';
import { covalentRadius } from '../crystal/element-data.js';
import { latticeFromParameters, volume } from '../crystal/lattice.js';
import { minimumDistanceRatio } from '../crystal/neighbours.js';
import { type SpaceGroup, spaceGroup } from '../crystal/space-group.js';
import { WyckoffCombinations } from '../crystal/wyckoff-combinations.js';
import { symmetricCrystal } from '../relax/symmetric-start.js';
import { conventionalShape } from '../relax/system-lattice.js';
import { largestGap } from './vacuum-gap.js';

/** What a point must keep to be a crystal at all (Cheng et al. 2022, arXiv:2203.13932). */
export interface StructureLimits {
  /** Smallest d_ij / (r_i + r_j) of covalent radii. Default 0.4. */
  minDistanceRatio?: number;
  /** Cell volume over that of the atoms as covalent spheres. Default 0.4 to 2.4. */
  volumeRange?: readonly [number, number];
  /** A: widest layer without atoms. Default 7. */
  maxGap?: number;
  /** Space groups that are searched. Default 2 to 230. */
  spaceGroups?: readonly number[];
}

/** Edges of the conventional cell may differ by this factor. */
const RATIO = 3;
/** Degrees. */
const ANGLES = [20, 160] as const;
/** Volume of a cell over the product of its edges below which it is flat. */
const MIN_ORTHOGONALITY = 0.2;
/** P1 is left out, as by Cheng et al. */
const ALL_GROUPS: readonly number[] = Array.from({ length: 229 }, (_, i) => i + 2);
const ROUNDING = 1e-6;
/** Variables before the coordinates. */
const CELL_VARIABLES = 8;

/** A crystal made of a point, or why there is none. */
export type StructurePoint = { crystal: Crystal; spaceGroup: number } | { rejected: string };

/**
 * The structures of a composition as a box of real numbers, for optimizers that know nothing of crystals (after Cheng et al.
 * 2022): space group 2 to 230, one of its Wyckoff combinations that give the composition, a cell of its crystal system, and
 * free coordinates.
 *
 * Variables, 8 + 3n of them for n atoms in the primitive cell: the group as a place in [0, 1) among those that can hold the
 * atoms; the combination as a place in [0, 1) among the group's; the volume over that of the atoms as covalent spheres; the
 * logarithms of b/a and c/a; three angles in degrees; x, y, z of each orbit. What a group fixes is not read.
 *
 * Differences from Cheng et al.: they take a, b and c from 2 to 30 A, which rejects nearly every point by its volume; here
 * volume and shape are the variables, so the same crystals are reached without that. Groups that cannot hold the atoms are
 * left out instead of rejected.
 */
export class StructureSpace {
  readonly kind = 'structure';
  readonly dimension: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** No training points. */
  readonly reference = new Float32Array(0);
  /** Atoms of the primitive cell. */
  readonly species: readonly string[];
  /** A^3: smallest and largest cell. */
  readonly volumes: readonly [number, number];
  private readonly composition: Composition;
  private readonly groups: readonly { group: SpaceGroup; combinations: WyckoffCombinations }[];
  private readonly spheres: number;
  private readonly limits: Required<Omit<StructureLimits, 'spaceGroups'>>;

  /**
   * @param species atoms of the primitive cell
   * @throws LcomsError LCOMS_E_INPUT without atoms, with limits that nothing can keep, or when none of the space groups
   *   has Wyckoff positions for the atoms
   */
  constructor(species: readonly string[], { spaceGroups = ALL_GROUPS, ...limits }: StructureLimits = {}) {
    if (species.length === 0) throw new LcomsError('LCOMS_E_INPUT', 'a search over structures needs at least one atom');
    this.limits = { minDistanceRatio: 0.4, volumeRange: [0.4, 2.4], maxGap: 7, ...limits };
    this.species = species;
    const [least, most] = this.limits.volumeRange;
    if (!(least > 0 && least < most))
      throw new LcomsError('LCOMS_E_INPUT', `the range of volumes ${least} to ${most} is empty`);
    this.composition = compositionOf(species);
    this.spheres = species.reduce((sum, e) => sum + (4 / 3) * Math.PI * covalentRadius(e) ** 3, 0);
    this.volumes = [least * this.spheres, most * this.spheres];
    this.groups = spaceGroups
      .map((number) => ({ group: spaceGroup(number) }))
      .map(({ group }) => ({ group, combinations: new WyckoffCombinations(group, this.composition) }))
      .filter(({ combinations }) => combinations.size > 0);
    if (this.groups.length === 0) throw noCombination(species, spaceGroups);
    const shape = Math.log(RATIO);
    const cell: [number, number][] = [
      [0, 1],
      [0, 1],
      [least, most],
      [-shape, shape],
      [-shape, shape],
      ...Array.from({ length: 3 }, (): [number, number] => [...ANGLES]),
    ];
    const bounds = [...cell, ...Array.from({ length: 3 * species.length }, (): [number, number] => [0, 1])];
    this.dimension = CELL_VARIABLES + 3 * species.length;
    this.lower = Float64Array.from(bounds, ([low]) => low);
    this.upper = Float64Array.from(bounds, ([, high]) => high);
  }

  /** For methods that ask for crystals instead of points. */
  get structures(): this {
    return this;
  }

  /** Space groups that can hold the atoms. */
  get spaceGroups(): readonly number[] {
    return this.groups.map(({ group }) => group.number);
  }

  /** The crystal at a point of the box, in a primitive cell. */
  at(point: ArrayLike<number>): StructurePoint {
    const x = (i: number): number => point[i] as number;
    const { group, combinations } = this.groups[place(x(0), this.groups.length)] as (typeof this.groups)[number];
    const wyckoffs = combinations.at(place(x(1), combinations.size));
    const [lengths, angles] = this.shape(group, Math.exp(x(3)), Math.exp(x(4)), [x(5), x(6), x(7)]);
    const unit = unitVolume(angles);
    if (!(unit >= MIN_ORTHOGONALITY)) return { rejected: 'flat cell' };
    const full = unit * lengths[0] * lengths[1] * lengths[2];
    const scale = Math.cbrt((x(2) * this.spheres * group.centring) / full);
    const lattice = latticeFromParameters(lengths.map((l) => scale * l) as Vec3, angles);
    let at = CELL_VARIABLES;
    const crystal = symmetricCrystal(group, wyckoffs, lattice, () => {
      at += 3;
      return [x(at - 3), x(at - 2), x(at - 1)];
    });
    if (crystal.species.length !== this.species.length) return { rejected: 'atoms on a position of higher symmetry' };
    const rejected = this.solidity(crystal);
    return rejected === null ? { crystal, spaceGroup: group.number } : { rejected };
  }

  /** Why a crystal in any cell is none of the space; null when it is one. Its symmetry is not looked at. */
  refusal(crystal: Crystal): string | null {
    const numbers = [...crystal.lattice.flat(), ...crystal.frac.flat()];
    if (!numbers.every(Number.isFinite)) return 'not finite';
    if ([...crystal.species].sort().join() !== [...this.species].sort().join()) return 'other atoms';
    const [least, most] = this.volumes;
    const v = volume(crystal.lattice);
    // A crystal made at a bound is one of the space, whatever rounding did to it.
    if (!(v > least * (1 - ROUNDING) && v < most * (1 + ROUNDING))) return 'volume';
    return this.solidity(crystal);
  }

  private solidity(crystal: Crystal): string | null {
    if (largestGap(crystal) > this.limits.maxGap) return 'vacuum';
    return minimumDistanceRatio(crystal) < this.limits.minDistanceRatio * (1 - ROUNDING) ? 'atoms too near' : null;
  }

  private shape(group: SpaceGroup, b: number, c: number, angles: Vec3): [Vec3, Vec3] {
    if (group.system === 'triclinic') return [[1, b, c], angles];
    return conventionalShape(group.system, 1, b, c, angles[1]);
  }
}

/** Volume of a cell of unit edges with these angles, degrees; NaN where there is none. */
function unitVolume(angles: Vec3): number {
  const [a, b, c] = angles.map((degrees) => Math.cos((degrees * Math.PI) / 180)) as Vec3;
  return Math.sqrt(1 - a * a - b * b - c * c + 2 * a * b * c);
}

function noCombination(species: readonly string[], spaceGroups: readonly number[]): LcomsError {
  return new LcomsError(
    'LCOMS_E_INPUT',
    `no Wyckoff combination of the space groups ${spaceGroups.join(', ')} holds ${species.length} atoms of ` +
      `${reducedFormula(compositionOf(species))} in a primitive cell`,
    { hint: 'Give other space groups in steps.search.spaceGroups, or another number of atoms.' },
  );
}

/** Number of a place in [0, 1] among `count`. */
const place = (x: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(x * count)));
