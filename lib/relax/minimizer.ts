import { Fire } from './fire.js';
import { Lbfgs } from './lbfgs.js';

/** What a relaxation moves by. Both see one point at a time and need no line search: a step is one evaluation. */
export interface Minimizer {
  /** The next displacement (A), given the forces (minus the gradient, eV/A) at the present point. */
  step(forces: Float64Array): Float64Array;
}

export const RELAX_METHODS = ['fire', 'lbfgs'] as const;
export type RelaxMethod = (typeof RELAX_METHODS)[number];

/** `maxStep` (A) bounds the norm of a whole step in `dimension` coordinates. */
export function minimizerOf(method: RelaxMethod, dimension: number, maxStep: number): Minimizer {
  return method === 'fire' ? new Fire(dimension, maxStep) : new Lbfgs(maxStep);
}
