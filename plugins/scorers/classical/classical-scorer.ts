import { volume } from '../../../lib/crystal/lattice.js';
import { hashJson } from '../../../lib/hashing/sha256.js';
import { type Evaluation, GPA_PER_EV_A3 } from '../../../lib/scoring/evaluation.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import type { Scorer } from '../../contract/scorer.js';
import type { Totals } from './pair-terms.js';

/** A^3/atom: the pairs of denser cells would fill the memory. */
const MIN_VOLUME_PER_ATOM = 0.5;

export interface ClassicalPotential {
  name: string;
  version: string;
  elements: ReadonlySet<string>;
  /** Everything that an energy depends on: its digest tells scorers of other parameters apart. */
  parameters: Record<string, unknown>;
  /** Adds energy, forces and virial of a crystal of known elements, finite and not flat. May throw an LcomsError. */
  add(crystal: Crystal, totals: Totals): void;
}

/**
 * A scorer of an analytic potential. Crystals are judged one by one: what is wrong with one is the error in its place
 * (LCOMS_E_ELEMENT_UNKNOWN; LCOMS_E_CRYSTAL for numbers that are not finite, cells that are flat or too dense, atoms that
 * overlap) and leaves the others as they are.
 */
export function classicalScorer(potential: ClassicalPotential): Scorer {
  const { name, version, elements, parameters } = potential;
  return {
    identity: { name, version, weights: hashJson(parameters) },
    elements,
    elementReferences: null,
    evaluate: async (crystals) => crystals.map((crystal) => evaluated(potential, crystal)),
    secondOpinion: async () => null,
    dispose: async () => undefined,
  };
}

function evaluated(potential: ClassicalPotential, crystal: Crystal): Evaluation | LcomsError {
  try {
    requireSound(potential, crystal);
    const n = crystal.species.length;
    const totals: Totals = { energy: 0, forces: new Float64Array(3 * n), virial: new Float64Array(9) };
    potential.add(crystal, totals);
    const { energy, forces, virial } = totals;
    const scale = GPA_PER_EV_A3 / volume(crystal.lattice);
    const stress = virial.map((x) => x * scale);
    if (!Number.isFinite(energy) || !forces.every(Number.isFinite) || !stress.every(Number.isFinite)) {
      return new LcomsError('LCOMS_E_CRYSTAL', 'The energy is not finite: atoms overlap.');
    }
    return { energy, forces, stress };
  } catch (error) {
    if (error instanceof LcomsError) return error;
    throw error;
  }
}

function requireSound({ name, elements }: ClassicalPotential, { lattice, species, frac }: Crystal): void {
  const unknown = [...new Set(species)].filter((symbol) => !elements.has(symbol));
  if (unknown.length > 0) {
    throw new LcomsError(
      'LCOMS_E_ELEMENT_UNKNOWN',
      `${name} does not know ${unknown.join(', ')}; it knows ${[...elements].join(' ')}.`,
    );
  }
  if (![...lattice.flat(), ...frac.flat()].every(Number.isFinite)) {
    throw new LcomsError('LCOMS_E_CRYSTAL', 'A lattice vector or fractional coordinate is not finite.');
  }
  const perAtom = volume(lattice) / species.length;
  if (!(perAtom >= MIN_VOLUME_PER_ATOM)) {
    throw new LcomsError(
      'LCOMS_E_CRYSTAL',
      `A cell of ${perAtom.toPrecision(3)} A^3/atom can't be scored: at least ${MIN_VOLUME_PER_ATOM} A^3/atom is needed.`,
    );
  }
}
