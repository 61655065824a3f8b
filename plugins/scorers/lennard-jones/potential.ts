import { covalentRadius } from '../../../lib/crystal/element-data.js';
import { halfPairs } from '../../../lib/crystal/half-pairs.js';
import { ELEMENTS } from '../../../schemas/elements.js';
import type { Scorer } from '../../contract/scorer.js';
import { classicalScorer } from '../classical/classical-scorer.js';
import { addPairs, type PairTerm, switched } from '../classical/pair-terms.js';

export interface LennardJonesOptions {
  /** eV */
  epsilon: number;
  /** A; null: from covalent radii. */
  sigma: number | null;
  elements: Record<string, { epsilon?: number | undefined; sigma?: number | undefined }>;
  /** A */
  cutoff: number;
  /** Share of the cutoff. */
  switchFrom: number;
}

/** Curium is the last element with a covalent radius. */
const LAST = 96;

/** The elements with a covalent radius. */
export const lennardJonesElements = (): string[] => ELEMENTS.slice(1, LAST + 1);

/** E = 4 epsilon ((sigma/r)^12 - (sigma/r)^6) over all pairs within the cutoff, times the switching function. */
export function lennardJonesScorer(options: LennardJonesOptions): Scorer {
  const { cutoff, switchFrom } = options;
  return classicalScorer({
    name: 'lennard-jones',
    version: '1',
    elements: new Set(lennardJonesElements()),
    parameters: { ...options },
    add: ({ lattice, species, frac }, totals) => {
      const epsilons = Float64Array.from(species, (e) => options.elements[e]?.epsilon ?? options.epsilon);
      const sigmas = Float64Array.from(species, (e) => sigmaOf(e, options));
      const term: PairTerm = (i, j, square, out) => {
        const epsilon = Math.sqrt((epsilons[i] as number) * (epsilons[j] as number));
        const sigma = ((sigmas[i] as number) + (sigmas[j] as number)) / 2;
        const six = ((sigma * sigma) / square) ** 3;
        out[0] = 4 * epsilon * six * (six - 1);
        out[1] = (-24 * epsilon * six * (2 * six - 1)) / square;
      };
      addPairs(
        halfPairs({ lattice, species, frac }, cutoff),
        cutoff,
        switched(term, switchFrom * cutoff, cutoff),
        totals,
      );
    },
  });
}

function sigmaOf(element: string, { sigma, elements }: LennardJonesOptions): number {
  return elements[element]?.sigma ?? sigma ?? 2 ** (-1 / 6) * 2 * covalentRadius(element);
}
