import { niggliReduce } from '../../lib/crystal/niggli.js';
import type { ScoredCrystal } from '../../lib/crystal/same-structure.js';
import { symmetrisedCell } from '../../lib/crystal/symmetrise.js';
import { type Symmetry, symmetry } from '../../lib/crystal/symmetry.js';
import type { RelaxMethod } from '../../lib/relax/minimizer.js';
import { relax } from '../../lib/relax/relax.js';
import { solidGuard } from '../../lib/scoring/guards.js';
import type { Scorer } from '../../plugins/contract/scorer.js';
import { LcomsError } from '../../schemas/errors.js';

/** A: relaxed crystals are symmetric only to a few hundredths. */
export const SYMPREC = 0.05;
/** eV/A: finer than that of the search. */
const FMAX = 0.02;
const MAX_STEPS = 200;
/** eV/atom by which symmetrising may raise the energy; more, and it was no symmetry of this minimum. */
const TOLERANCE = 0.005;

/** A structure as it is written: `energyPerAtom` is that of exactly this crystal. */
export interface Polished extends ScoredCrystal {
  symmetry: Symmetry;
}

/**
 * A relaxed crystal in its symmetrised primitive cell, relaxed there once more. The crystal as given, in its Niggli cell,
 * when that leads away from its minimum.
 * @throws LcomsError when the crystal as given can't be evaluated; the signal's reason when aborted
 */
export async function polish(
  scorer: Scorer,
  relaxed: ScoredCrystal,
  method: RelaxMethod,
  signal: AbortSignal,
): Promise<Polished> {
  const evaluate = (crystals: Parameters<Scorer['evaluate']>[0]) => scorer.evaluate(crystals);
  try {
    const start = symmetrisedCell(relaxed.crystal, 'primitive', SYMPREC);
    const { converged, crystal } = await relax(evaluate, start, { fmax: FMAX, maxSteps: MAX_STEPS, method, signal });
    const exact = await scored(scorer, symmetrisedCell(crystal, 'primitive', SYMPREC));
    const kept = exact.energyPerAtom <= relaxed.energyPerAtom + TOLERANCE;
    if (converged && kept && solidGuard(exact.crystal).ok) return exact;
  } catch (error) {
    if (!(error instanceof LcomsError)) throw error;
  }
  return await scored(scorer, niggliReduce(relaxed.crystal));
}

async function scored(scorer: Scorer, { lattice, species, frac }: ScoredCrystal['crystal']): Promise<Polished> {
  const crystal = { lattice, species, frac };
  const [evaluation] = await scorer.evaluate([crystal]);
  if (evaluation instanceof LcomsError) throw evaluation;
  const energyPerAtom = (evaluation?.energy ?? Number.NaN) / species.length;
  return { crystal, energyPerAtom, symmetry: symmetry(crystal, SYMPREC) };
}
