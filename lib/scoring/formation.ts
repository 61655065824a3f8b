import { LcomsError } from '../../schemas/errors.js';
import { type ScorerIdentity, sameScorer } from '../../schemas/score.js';

/** The energy of each element's lowest crystal, by one scorer. */
export interface ElementReferences {
  scorer: ScorerIdentity;
  /** Element symbol -> eV/atom. */
  energies: Readonly<Record<string, number>>;
}

const nameOf = (s: ScorerIdentity): string =>
  `${s.name} ${s.version}${s.weights === null ? '' : ` (${s.weights.slice(0, 8)})`}`;

/**
 * Formation energy, eV/atom: total energy per atom minus the composition-weighted references of the elements.
 * @throws LcomsError LCOMS_E_INPUT when the references are another scorer's: such a difference means nothing;
 * LCOMS_E_ELEMENT_UNKNOWN when an element has no reference.
 */
export function formationEnergyPerAtom(
  scored: { scorer: ScorerIdentity; energyPerAtom: number; species: readonly string[] },
  references: ElementReferences,
): number {
  if (!sameScorer(scored.scorer, references.scorer)) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `The energy is by ${nameOf(scored.scorer)}, the element references by ${nameOf(references.scorer)}: energies of different scorers are never compared.`,
    );
  }
  return scored.energyPerAtom - elementalEnergyPerAtom(scored.species, references.energies);
}

/**
 * Composition-weighted energy of the elements, eV/atom.
 * @throws LcomsError LCOMS_E_ELEMENT_UNKNOWN when an element has no reference.
 */
export function elementalEnergyPerAtom(species: readonly string[], energies: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const symbol of species) {
    const energy = energies[symbol];
    if (energy === undefined) {
      throw new LcomsError(
        'LCOMS_E_ELEMENT_UNKNOWN',
        `There is no reference energy of ${symbol}; there are those of ${Object.keys(energies).join(' ')}.`,
      );
    }
    sum += energy;
  }
  return sum / species.length;
}
