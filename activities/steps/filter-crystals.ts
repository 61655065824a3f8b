import { compositionOf, reducedFormula } from '../../lib/crystal/composition.js';
import { volume } from '../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../lib/crystal/neighbours.js';
import type { Crystal } from '../../schemas/crystal.js';

/** eV/atom below all others of its formula, and their median, at which a crystal that lies there alone is taken for a hole. */
export const HOLE_THRESHOLD = 0.3;

export interface FilterOptions {
  maxAtoms: number;
  minVolume: number;
  maxVolume: number;
  minDistanceRatio: number;
  holeThreshold: number;
}

export interface Candidate {
  crystal: Crystal;
  formula: string;
  /** eV/atom. */
  energy: number;
}

/** Why a crystal is left out, or null when it is sane. */
export function rejection(crystal: Crystal, energy: number | undefined, options: FilterOptions): string | null {
  if (energy === undefined) return 'noEnergy';
  if (crystal.species.length > options.maxAtoms) return 'tooManyAtoms';
  const perAtom = volume(crystal.lattice) / crystal.species.length;
  if (perAtom < options.minVolume || perAtom > options.maxVolume) return 'volume';
  if (minimumDistanceRatio(crystal) < options.minDistanceRatio) return 'tooClose';
  return null;
}

export function formulaOf(crystal: Crystal): string {
  return reducedFormula(compositionOf(crystal.species));
}

/**
 * Drops crystals that lie far below all others of their formula: holes of the energy model that made the data, which
 * would spoil composition minima and element fits. With fewer than four crystals of a formula nothing can be said.
 */
export function dropHoles(candidates: readonly Candidate[], threshold: number): { kept: Candidate[]; dropped: number } {
  const byFormula = new Map<string, Candidate[]>();
  for (const c of candidates) byFormula.set(c.formula, [...(byFormula.get(c.formula) ?? []), c]);
  const limit = new Map<string, number>();
  for (const [formula, group] of byFormula) {
    const energies = group.map((c) => c.energy).sort((a, b) => a - b);
    // A real ground state has neighbours in energy: only a crystal that is alone below the rest is a hole.
    const second = energies[1] ?? Number.NEGATIVE_INFINITY;
    const median = energies[energies.length >> 1] ?? Number.NEGATIVE_INFINITY;
    const alone =
      energies.length >= 4 && (energies[0] ?? 0) < second - threshold && (energies[0] ?? 0) < median - threshold;
    limit.set(formula, alone ? second - threshold : Number.NEGATIVE_INFINITY);
  }
  const kept = candidates.filter((c) => c.energy >= (limit.get(c.formula) ?? Number.NEGATIVE_INFINITY));
  return { kept, dropped: candidates.length - kept.length };
}
