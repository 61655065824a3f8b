import { volume } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { niggliReduce } from '../../../lib/crystal/niggli.js';
import type { Rng } from '../../../lib/random/rng.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { SearchSpace, Structures } from '../../contract/optimizer.js';
import { heredity } from './heredity.js';
import type { EvolutionOptions } from './options.js';
import { permutation } from './permutation.js';
import type { Population } from './population.js';
import { ripple } from './ripple.js';

const OPERATORS = ['heredity', 'ripple', 'permutation', 'newcomers'] as const;
type Operator = (typeof OPERATORS)[number];

/** Draws of one operator before a newcomer takes the child's place. */
const ATTEMPTS = 50;
/** Draws of a newcomer. Where so many fail there is nothing to be found. */
const NEWCOMER_ATTEMPTS = 10_000;

/** What became of proposals: crystals that were swelled or pressed to fit, and draws that were thrown away. */
export interface Tally {
  repaired: number;
  rejected: number;
}

/** Makes the crystals of the next generations. Every one keeps the space's limits and the options' least distance. */
export class Nursery {
  constructor(
    private readonly space: SearchSpace,
    private readonly structures: Structures,
    private readonly options: EvolutionOptions,
  ) {}

  /** A child by an operator drawn by the shares; a newcomer while there are no parents. */
  child(population: Population, rng: Rng, tally: Tally): Crystal {
    const operator = population.members.length === 0 ? 'newcomers' : this.operator(rng);
    for (let attempt = 0; operator !== 'newcomers' && attempt < ATTEMPTS; attempt++) {
      const made = this.made(operator, population, rng);
      const fitting = made && this.fitted(made, tally);
      if (fitting) return fitting;
      tally.rejected++;
    }
    return this.newcomer(rng, tally);
  }

  /**
   * A random point of the space, as random search draws them.
   * @throws LcomsError LCOMS_E_RUN_FAILED when none of thousands is a crystal that keeps the distances
   */
  newcomer(rng: Rng, tally: Tally): Crystal {
    const { lower, upper } = this.space;
    for (let attempt = 0; attempt < NEWCOMER_ATTEMPTS; attempt++) {
      const point = Array.from(lower, (low, j) => low + rng.uniform() * ((upper[j] as number) - low));
      const drawn = this.structures.at(point);
      const fitting = 'crystal' in drawn ? this.fitted(drawn.crystal, tally) : null;
      if (fitting) return fitting;
      tally.rejected++;
    }
    throw new LcomsError(
      'LCOMS_E_RUN_FAILED',
      `optimizer/evolution: none of ${NEWCOMER_ATTEMPTS} random crystals of ${this.structures.species.join(' ')} keeps the distances`,
      { hint: "Lower the optimizer's minDistanceRatio, or widen steps.search.minVolume, maxVolume and maxGap." },
    );
  }

  private operator(rng: Rng): Operator {
    const elements = new Set(this.structures.species).size;
    const shares = OPERATORS.map((name) => (name === 'permutation' && elements < 2 ? 0 : this.options[name]));
    let left = rng.uniform() * shares.reduce((sum, s) => sum + s, 0);
    return OPERATORS.find((_, i) => (left -= shares[i] as number) < 0) ?? 'newcomers';
  }

  private made(operator: Exclude<Operator, 'newcomers'>, population: Population, rng: Rng): Crystal | null {
    const parent = population.parent(rng);
    if (!parent) return null;
    const { strain, amplitude, exchanges, minimumContribution } = this.options;
    if (operator === 'ripple') return ripple(parent.crystal, rng, strain, amplitude);
    if (operator === 'permutation') return permutation(parent.crystal, rng, exchanges);
    const other = population.parent(rng, parent) ?? parent;
    return orNull(() => heredity(parent.crystal, other.crystal, rng, minimumContribution));
  }

  /** In its Niggli cell, with a volume and distances that the space and the options allow; null when that cannot be. */
  private fitted(crystal: Crystal, tally: Tally): Crystal | null {
    const reduced = orNull(() => niggliReduce(crystal));
    if (!reduced) return null;
    const [least, most] = this.structures.volumes;
    const v = volume(reduced.lattice);
    const within = Math.min(most, Math.max(least, v));
    const ratio = minimumDistanceRatio(reduced) * Math.cbrt(within / v);
    const swell = Math.max(1, (this.options.minDistanceRatio / ratio) ** 3);
    if (!(within * swell <= most)) return null;
    const fitting = scaled(reduced, Math.cbrt((within * swell) / v));
    if (this.structures.refusal(fitting) !== null) return null;
    if (fitting !== reduced) tally.repaired++;
    return fitting;
  }
}

function scaled(crystal: Crystal, factor: number): Crystal {
  if (factor === 1) return crystal;
  return { ...crystal, lattice: crystal.lattice.map((row) => row.map((x) => factor * x) as Vec3) as Mat3 };
}

/** What the body gives; null for a cell that cannot be reduced or built. */
function orNull<T>(body: () => T): T | null {
  try {
    return body();
  } catch (error) {
    if (error instanceof LcomsError) return null;
    throw error;
  }
}
