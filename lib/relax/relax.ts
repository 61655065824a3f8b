import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { volume } from '../crystal/lattice.js';
import {
  type EvaluateMany,
  type Evaluation,
  GPA_PER_EV_A3,
  maxForce as largestNorm,
  pressureOf,
} from '../scoring/evaluation.js';
import { type CellFreedom, displaced, generalizedForces, withVolume } from './cell-coordinates.js';
import { type Minimizer, minimizerOf, type RelaxMethod } from './minimizer.js';

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
  /** Default fire; docs/scoring.md says what each of them takes. */
  method?: RelaxMethod;
  /** What of the cell may move. Default free. */
  cell?: CellFreedom;
  /** External pressure, GPa: the enthalpy E + pV is made lowest. It does nothing unless the cell is free. Default 0. */
  pressure?: number;
  signal?: AbortSignal;
  /** Called with each crystal that was evaluated, the first and the last too. */
  onStep?(progress: RelaxationStep): void;
  /**
   * Asked after every round of evaluations, with all crystals that are still moving, each at the same step: the indices of
   * those to give up (reason `stopped`). The others go on exactly as if they had been alone.
   */
  stop?(moving: readonly RelaxationStep[]): ReadonlySet<number>;
}

export interface RelaxationStep {
  /** Of the crystal among those relaxed together. */
  index: number;
  /** 0 for the crystal as it was given. */
  step: number;
  crystal: Crystal;
  energyPerAtom: number;
  maxForce: number;
}

/** Why a relaxation did not converge. */
export type RelaxationFailure = 'max-steps' | 'not-finite' | 'collapsed' | 'exploded' | 'stopped';

export interface Relaxation {
  /** The last crystal that was evaluated; `energyPerAtom` is set on it too. */
  crystal: Crystal;
  /** eV/atom; NaN when the last evaluation was not finite. */
  energyPerAtom: number;
  /** (E + pV)/n at the external pressure p, eV/atom: the energy itself at none. */
  enthalpyPerAtom: number;
  /** Of the crystal on its surroundings, GPa: minus a third of the stress's trace. */
  pressure: number;
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
  /** A^3, of the cell as it was given. */
  volume: number;
  minimizer: Minimizer;
  steps: number;
  /** The last crystal that was evaluated, and what was found; null before any was. */
  last: { at: RelaxationStep; found: Found } | null;
}

/** The options that decide a step, with their defaults. */
type Settings = Required<Omit<RelaxOptions, 'signal' | 'onStep' | 'stop'>>;

/**
 * Relaxes atoms and cell of one crystal to the nearest local minimum. A start of perfect symmetry stays in it:
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
  const { fmax = 0.05, maxSteps = 250, maxStep = 0.2, method = 'fire', cell = 'free', pressure = 0 } = options;
  const settings: Settings = { fmax, maxSteps, maxStep, method, cell, pressure };
  const results = new Array<Relaxation | LcomsError>(crystals.length);
  let moving = crystals.map(
    ({ lattice, species, frac }, index): Mover => ({
      index,
      crystal: { lattice, species, frac },
      volume: volume(lattice),
      minimizer: minimizerOf(method, 3 * species.length + 9, maxStep),
      steps: 0,
      last: null,
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
      const outcome = advance(mover, evaluation, settings, options.onStep);
      if (outcome === null) return true;
      results[mover.index] = outcome;
      return false;
    });
    if (options.stop && moving.length > 0) moving = withoutStopped(moving, options.stop, results);
  }
  return results;
}

/** Those that go on; the results of the others are set. */
function withoutStopped(
  moving: Mover[],
  stop: NonNullable<RelaxOptions['stop']>,
  results: (Relaxation | LcomsError)[],
): Mover[] {
  const stopped = stop(moving.flatMap(({ last }) => last?.at ?? []));
  return moving.filter(({ index, last }) => {
    if (last === null || !stopped.has(index)) return true;
    const { crystal, step } = last.at;
    results[index] = finish({ crystal, steps: step }, last.found, 'stopped');
    return false;
  });
}

/** Takes one step; gives the result once there is one. */
function advance(
  mover: Mover,
  evaluation: Evaluation | LcomsError,
  { fmax, maxSteps, cell, pressure }: Settings,
  onStep: RelaxOptions['onStep'],
): Relaxation | LcomsError | null {
  const { crystal, steps, index } = mover;
  if (evaluation instanceof LcomsError) {
    // What could be evaluated at first and cannot any more has run into a hole.
    if (steps === 0) return evaluation;
    return finish(mover, NOTHING, 'collapsed');
  }
  const n = crystal.species.length;
  const perAtom = volume(crystal.lattice) / n;
  const energyPerAtom = evaluation.energy / n;
  const forces = generalizedForces(crystal, evaluation, pressure, cell);
  const maxForce = largestNorm(forces);
  if (!Number.isFinite(energyPerAtom) || !Number.isFinite(maxForce)) return finish(mover, NOTHING, 'not-finite');
  const at: RelaxationStep = { index, step: steps, crystal, energyPerAtom, maxForce };
  onStep?.(at);
  const found: Found = {
    energyPerAtom,
    enthalpyPerAtom: energyPerAtom + (pressure / GPA_PER_EV_A3) * perAtom,
    pressure: pressureOf(evaluation.stress),
    maxForce,
  };
  if (perAtom < COLLAPSED_VOLUME) return finish(mover, found, 'collapsed');
  if (perAtom > EXPLODED_VOLUME) return finish(mover, found, 'exploded');
  if (maxForce < fmax) return finish(mover, found);
  if (steps >= maxSteps) return finish(mover, found, 'max-steps');
  mover.last = { at, found };
  const moved = displaced(crystal, mover.minimizer.step(forces));
  mover.crystal = cell === 'volume' ? withVolume(moved, mover.volume) : moved;
  mover.steps++;
  return null;
}

type Found = Pick<Relaxation, 'energyPerAtom' | 'enthalpyPerAtom' | 'pressure' | 'maxForce'>;

const NOTHING: Found = {
  energyPerAtom: Number.NaN,
  enthalpyPerAtom: Number.NaN,
  pressure: Number.NaN,
  maxForce: Number.NaN,
};

function finish(
  { crystal, steps }: Pick<Mover, 'crystal' | 'steps'>,
  found: Found,
  reason?: RelaxationFailure,
): Relaxation {
  const { energyPerAtom } = found;
  return {
    crystal: Number.isFinite(energyPerAtom) ? { ...crystal, energyPerAtom } : crystal,
    ...found,
    steps,
    converged: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}
