import type { Crystal } from '../../schemas/crystal.js';
import { volume } from '../crystal/lattice.js';
import { minimumDistanceRatio } from '../crystal/neighbours.js';

/**
 * What a guard says. A learned potential has holes: places where it gives an energy far below any real crystal's. A
 * crystal that trips a guard is reported, and never counted as a success.
 */
export interface Verdict {
  ok: boolean;
  /** Empty when ok; else what is wrong, with the figures. */
  reasons: string[];
}

/** Smallest d_ij / (r_i + r_j) of covalent radii that a real crystal may have. */
export const MIN_DISTANCE_RATIO = 0.35;
/** A^3/atom. */
export const VOLUME_RANGE: readonly [number, number] = [4.5, 200];
/** eV/atom below the best known crystal of the composition. */
export const REFERENCE_MARGIN = 0.05;
/** eV/atom by which two independent models may differ on how much lower one crystal is than another. */
export const SECOND_OPINION_TOLERANCE = 0.1;

const verdict = (...reasons: (string | false)[]): Verdict => {
  const given = reasons.filter((r): r is string => r !== false);
  return { ok: given.length === 0, reasons: given };
};

const meV = (energy: number): string => `${(1000 * energy).toFixed(0)} meV/atom`;

/** The relaxation ended at a minimum. */
export function convergenceGuard(relaxation: { converged: boolean; maxForce: number; reason?: string }): Verdict {
  return verdict(
    !relaxation.converged &&
      `the relaxation did not converge (${relaxation.reason ?? 'no reason given'}, largest force ${relaxation.maxForce.toPrecision(2)} eV/A)`,
  );
}

/** No two atoms overlap. */
export function distanceGuard(crystal: Crystal, minimum = MIN_DISTANCE_RATIO): Verdict {
  const ratio = minimumDistanceRatio(crystal);
  return verdict(
    !(ratio >= minimum) && `two atoms are at ${ratio.toFixed(2)} of the sum of their covalent radii, under ${minimum}`,
  );
}

/** The density is that of a solid. */
export function volumeGuard(crystal: Crystal, [low, high] = VOLUME_RANGE): Verdict {
  const perAtom = volume(crystal.lattice) / crystal.species.length;
  return verdict(!(perAtom >= low && perAtom <= high) && `${perAtom.toFixed(1)} A^3/atom is outside ${low} to ${high}`);
}

/**
 * Not further below the best known crystal of the composition than a discovery could be. Energies in eV/atom, by the
 * same scorer.
 */
export function referenceGuard(energyPerAtom: number, bestKnown: number, margin = REFERENCE_MARGIN): Verdict {
  const below = bestKnown - energyPerAtom;
  return verdict(
    !(below <= margin) && `${meV(below)} below the best known crystal of this composition, more than ${meV(margin)}`,
  );
}

/** Energies of one crystal by the scorer and by an independent model, eV/atom. */
export interface TwoOpinions {
  first: number;
  second: number;
}

/**
 * The scorer and an independent model agree on how much lower the crystal is than a known one of its composition. Only
 * these differences are compared: the two models' energies have different zeros.
 */
export function secondOpinionGuard(
  found: TwoOpinions,
  known: TwoOpinions,
  tolerance = SECOND_OPINION_TOLERANCE,
): Verdict {
  const first = found.first - known.first;
  const second = found.second - known.second;
  return verdict(
    !(Math.abs(first - second) <= tolerance) &&
      `the scorer puts it ${meV(first)} from the known crystal, the second opinion ${meV(second)}: they differ by more than ${meV(tolerance)}`,
  );
}

/** Ok when all are; the reasons of all that are not. */
export function allOf(...verdicts: readonly Verdict[]): Verdict {
  return verdict(...verdicts.flatMap((v) => v.reasons));
}

/** A solid: no overlap, and the density of one. */
export function solidGuard(crystal: Crystal): Verdict {
  return allOf(distanceGuard(crystal), volumeGuard(crystal));
}

/** A relaxation that ended in a solid. */
export function minimumGuard(relaxation: Parameters<typeof convergenceGuard>[0] & { crystal: Crystal }): Verdict {
  return allOf(convergenceGuard(relaxation), solidGuard(relaxation.crystal));
}
