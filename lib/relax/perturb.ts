import type { Crystal, Mat3 } from '../../schemas/crystal.js';
import { multiply } from '../crystal/lattice.js';
import { matchStructures } from '../crystal/matcher.js';
import { SAME_STRUCTURE } from '../crystal/same-structure.js';
import type { Rng } from '../random/rng.js';
import { rattled } from './rattle.js';

/** Ways off a minimum, in the order in which they are listed. */
export const PERTURBATIONS = ['strain', 'shear', 'rattle', 'swap'] as const;
export type Perturbation = (typeof PERTURBATIONS)[number];

/** Largest linear strain. */
export const MAX_STRAIN = 0.12;
/** Largest component of a strain tensor. */
export const MAX_SHEAR = 0.08;
/** A, standard deviation of an atom's displacement along each axis. */
export const RATTLE_RANGE: readonly [number, number] = [0.05, 0.4];

/** Permutations that are looked at for one that changes the crystal. */
const SWAPS = 8;

const between = (rng: Rng, [low, high]: readonly [number, number]): number => low + (high - low) * rng.uniform();
const upTo = (rng: Rng, most: number): number => between(rng, [-most, most]);

/**
 * A crystal near the given one, of the same atoms; null where this kind would leave it as it is (a lone atom rattled, the
 * only element swapped). Energies are left out: they are no longer those of the crystal.
 *
 * - `strain`: the cell larger or smaller, by one linear strain or by one along each base vector, of at most MAX_STRAIN.
 * - `shear`: a symmetric strain tensor, components of at most MAX_SHEAR.
 * - `rattle`: normal displacements, of one amplitude in RATTLE_RANGE.
 * - `swap`: the species permuted over the sites, so that another crystal results.
 */
export function perturbed(crystal: Crystal, kind: Perturbation, rng: Rng): Crystal | null {
  const { lattice, species, frac } = crystal;
  const bare: Crystal = { lattice, species, frac };
  if (kind === 'strain') return strained(bare, rng);
  if (kind === 'shear') return sheared(bare, rng);
  if (kind === 'swap') return swapped(bare, rng);
  return species.length === 1 ? null : rattled(bare, between(rng, RATTLE_RANGE), rng);
}

function strained(crystal: Crystal, rng: Rng): Crystal {
  const all = rng.uniform() < 0.5;
  const first = upTo(rng, MAX_STRAIN);
  const lattice = crystal.lattice.map((row, i) => {
    const strain = all || i === 0 ? first : upTo(rng, MAX_STRAIN);
    return row.map((x) => x * (1 + strain));
  }) as Mat3;
  return { ...crystal, lattice };
}

function sheared(crystal: Crystal, rng: Rng): Crystal {
  const component = (): number => upTo(rng, MAX_SHEAR);
  const [yz, xz, xy] = [component(), component(), component()];
  const deformation: Mat3 = [
    [1 + component(), xy, xz],
    [xy, 1 + component(), yz],
    [xz, yz, 1 + component()],
  ];
  return { ...crystal, lattice: multiply(crystal.lattice, deformation) };
}

function swapped(crystal: Crystal, rng: Rng): Crystal | null {
  if (new Set(crystal.species).size < 2) return null;
  for (let k = 0; k < SWAPS; k++) {
    const other = { ...crystal, species: rng.shuffle(crystal.species) };
    // Not rock salt with its elements exchanged, for one.
    if (!matchStructures(crystal, other, SAME_STRUCTURE).match) return other;
  }
  return null;
}
