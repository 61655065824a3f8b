import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { volume } from '../crystal/lattice.js';
import { type EvaluateMany, type Evaluation, maxForce as largestNorm } from '../scoring/evaluation.js';
import { displaced, generalizedForces } from './cell-coordinates.js';
import { Fire } from './fire.js';

/** Cells outside of these (A^3/atom) have left every known crystal behind: the relaxation has failed. */
const COLLAPSED_VOLUME = 1;
const EXPLODED_VOLUME = 1000;

/** Few enough that an abort is heard within a second. */
const EVALUATED_TOGETHER = 32;

export interface RelaxOptions {
  /** eV/A: converged when no atom's force and no row of the virial over n exceeds it. Default 0.05. */
  fmax?: number;
  /** Steps after which an unconverged crystal is given up. Default 250. */
  maxSteps?: number;
  /** A: bound on the norm of one step in all coordinates. Default 0.2. */
  maxStep?: number;
  signal?: AbortSignal;
  onStep?(progress: { index: number; step: number; energyPerAtom: number; maxForce: number }): void;
}

/** Why a relaxation did not converge. */
export type RelaxationFailure = 'max-steps' | 'not-finite' | 'collapsed' | 'exploded';

export interface Relaxation {
  /** The last crystal that was evaluated; `energyPerAtom` is set on it too. */
  crystal: Crystal;
  /** eV/atom; NaN when the last evaluation was not finite. */
  energyPerAtom: number;
  steps: number;
  converged: boolean;
  /** eV/A: the largest force on an atom or row of the virial over n. */
  maxForce: number;
  /** Given when `converged` is false. */
  reason?: RelaxationFailure;
}

interface Mover {
  index: number;
  crystal: Crystal;
  fire: Fire;
  steps: number;
}

/**
 * Relaxes atoms and cell of one crystal to the nearest local minimum by FIRE. A start of perfect symmetry stays in it:
 * it can end on a saddle, so rattle starts that must not.
 * @throws LcomsError when the crystal can't be evaluated as given; the signal's reason when aborted.
 */
export async function relax(evaluate: EvaluateMany, crystal: Crystal, options: RelaxOptions = {}): Promise<Relaxation> {
  const [result] = await relaxMany(evaluate, [crystal], options);
  if (result instanceof LcomsError) throw result;
  return result as Relaxation;
}

/**
 * Relaxes crystals side by side: those still moving are evaluated together. A result is the same as alone, as long as
 * `evaluate` treats crystals independently. A crystal that can't be evaluated as given yields its error.
 * @throws the signal's reason when aborted.
 */
export async function relaxMany(
  evaluate: EvaluateMany,
  crystals: readonly Crystal[],
  options: RelaxOptions = {},
): Promise<(Relaxation | LcomsError)[]> {
  const { fmax = 0.05, maxSteps = 250, maxStep = 0.2 } = options;
  const results = new Array<Relaxation | LcomsError>(crystals.length);
  let moving = crystals.map(
    ({ lattice, species, frac }, index): Mover => ({
      index,
      crystal: { lattice, species, frac },
      fire: new Fire(3 * species.length + 9, maxStep),
      steps: 0,
    }),
  );
  while (moving.length > 0) {
    const evaluations: (Evaluation | LcomsError)[] = [];
    for (let at = 0; at < moving.length; at += EVALUATED_TOGETHER) {
      options.signal?.throwIfAborted();
      const together = moving.slice(at, at + EVALUATED_TOGETHER);
      evaluations.push(...(await evaluate(together.map((m) => m.crystal))));
    }
    moving = moving.filter((mover, i) => {
      const evaluation = evaluations[i] as Evaluation | LcomsError;
      const outcome = advance(mover, evaluation, fmax, maxSteps, options.onStep);
      if (outcome === null) return true;
      results[mover.index] = outcome;
      return false;
    });
  }
  return results;
}

/** Takes one step; gives the result once there is one. */
function advance(
  mover: Mover,
  evaluation: Evaluation | LcomsError,
  fmax: number,
  maxSteps: number,
  onStep: RelaxOptions['onStep'],
): Relaxation | LcomsError | null {
  const { crystal, steps, index } = mover;
  if (evaluation instanceof LcomsError) {
    // What could be evaluated at first and cannot any more has run into a hole.
    if (steps === 0) return evaluation;
    return finish(mover, Number.NaN, Number.NaN, 'collapsed');
  }
  const energyPerAtom = evaluation.energy / crystal.species.length;
  const forces = generalizedForces(crystal, evaluation);
  const maxForce = largestNorm(forces);
  if (!Number.isFinite(energyPerAtom) || !Number.isFinite(maxForce))
    return finish(mover, Number.NaN, Number.NaN, 'not-finite');
  onStep?.({ index, step: steps, energyPerAtom, maxForce });
  const perAtom = volume(crystal.lattice) / crystal.species.length;
  if (perAtom < COLLAPSED_VOLUME) return finish(mover, energyPerAtom, maxForce, 'collapsed');
  if (perAtom > EXPLODED_VOLUME) return finish(mover, energyPerAtom, maxForce, 'exploded');
  if (maxForce < fmax) return finish(mover, energyPerAtom, maxForce);
  if (steps >= maxSteps) return finish(mover, energyPerAtom, maxForce, 'max-steps');
  mover.crystal = displaced(crystal, mover.fire.step(forces));
  mover.steps++;
  return null;
}

function finish(mover: Mover, energyPerAtom: number, maxForce: number, reason?: RelaxationFailure): Relaxation {
  const crystal = Number.isFinite(energyPerAtom) ? { ...mover.crystal, energyPerAtom } : mover.crystal;
  return {
    crystal,
    energyPerAtom,
    steps: mover.steps,
    converged: reason === undefined,
    maxForce,
    ...(reason === undefined ? {} : { reason }),
  };
}
