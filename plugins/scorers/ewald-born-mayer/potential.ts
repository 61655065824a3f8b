import { type HalfPairs, halfPairs } from '../../../lib/crystal/half-pairs.js';
import { MIN_DISTANCE } from '../../../lib/crystal/validity.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Scorer } from '../../contract/scorer.js';
import { classicalScorer } from '../classical/classical-scorer.js';
import { addPairs, type PairTerm, switched } from '../classical/pair-terms.js';
import { type Ion, ionsOf } from './charges.js';
import { addSmoothCoulomb, COULOMB, ewaldSplit, screenedCoulomb } from './ewald.js';
import { IONS } from './ion-data.js';

export interface BornMayerOptions {
  /** e, by element. */
  charges: Record<string, number>;
  /** A, by element. */
  radii: Record<string, number>;
  /** A */
  rho: number;
  /** eV A^6, by pair of elements, `Na-Cl` or `Cl-Na`. */
  c6: Record<string, number>;
  /** A */
  cutoff: number;
  /** Share of the cutoff. */
  switchFrom: number;
}

/** Madelung constant and coordination number of rock salt. */
const ROCKSALT = { madelung: 1.747564594633, neighbours: 6 } as const;

/**
 * Energy of two ions of opposite charge in contact, eV, by the rule that this scorer is made of: in rock salt, at a
 * distance of d = r_i + r_j, the repulsion B exp((d - r)/rho) of the six neighbours balances the Coulomb attraction of the
 * lattice, so that B = M |q_i q_j| rho e^2 / (4 pi epsilon_0 6 d^2). 0 for ions of like charge: that charge keeps them apart.
 */
export function contactEnergy(a: Ion, b: Ion, rho: number): number {
  const d = a.radius + b.radius;
  const attraction = Math.max(0, -a.charge * b.charge);
  return (ROCKSALT.madelung * COULOMB * attraction * rho) / (ROCKSALT.neighbours * d * d);
}

/** E = sum over pairs of q_i q_j / r (Ewald) + B_ij exp((r_i + r_j - r)/rho) - C_ij / r^6, the last two switched off. */
export function bornMayerScorer(options: BornMayerOptions): Scorer {
  const { rho, cutoff, switchFrom } = options;
  return classicalScorer({
    name: 'ewald-born-mayer',
    version: '1',
    elements: new Set(Object.keys(IONS)),
    parameters: { ...options },
    add: (crystal, totals) => {
      const { species } = crystal;
      const ions = ionsOf(species, options.charges, options.radii);
      const charges = Float64Array.from(species, (e) => (ions[e] as Ion).charge);
      const split = ewaldSplit(crystal);
      const pairs = halfPairs(crystal, Math.max(split.cutoff, cutoff));
      refuseOverlaps(pairs);
      addPairs(pairs, split.cutoff, screenedCoulomb(charges, split), totals);
      addSmoothCoulomb(crystal, charges, split, totals);
      const term = shortRange(species, ions, rho, options.c6);
      addPairs(pairs, cutoff, switched(term, switchFrom * cutoff, cutoff), totals);
    },
  });
}

function shortRange(
  species: readonly string[],
  ions: Readonly<Record<string, Ion>>,
  rho: number,
  c6: Readonly<Record<string, number>>,
): PairTerm {
  const kinds = Object.keys(ions);
  const kind = Int32Array.from(species, (e) => kinds.indexOf(e));
  const of = (value: (a: string, b: string) => number): Float64Array =>
    Float64Array.from(kinds.flatMap((a) => kinds.map((b) => value(a, b))));
  const contact = of((a, b) => contactEnergy(ions[a] as Ion, ions[b] as Ion, rho));
  const distance = of((a, b) => (ions[a] as Ion).radius + (ions[b] as Ion).radius);
  const dispersion = of((a, b) => c6[`${a}-${b}`] ?? c6[`${b}-${a}`] ?? 0);
  return (i, j, square, out) => {
    const at = (kind[i] as number) * kinds.length + (kind[j] as number);
    const r = Math.sqrt(square);
    const repulsion = (contact[at] as number) * Math.exp(((distance[at] as number) - r) / rho);
    const attraction = (dispersion[at] as number) / square ** 3;
    out[0] = repulsion - attraction;
    out[1] = -repulsion / (rho * r) + (6 * attraction) / square;
  };
}

/** Nearer than any bond the attraction of opposite charges outgrows every repulsion of this form. */
function refuseOverlaps({ count, first, second, squares }: HalfPairs): void {
  const distance = count === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares[0] as number);
  if (distance >= MIN_DISTANCE) return;
  throw new LcomsError(
    'LCOMS_E_CRYSTAL',
    `Atoms ${(first[0] as number) + 1} and ${(second[0] as number) + 1} are ${distance.toFixed(2)} A apart; the potential holds from ${MIN_DISTANCE} A on.`,
  );
}
