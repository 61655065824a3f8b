import type { Minimizer } from './minimizer.js';

/** Settings of FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201, 2006), with the values that ASE uses. */
const FIRST_TIME_STEP = 0.1;
const MAX_TIME_STEP = 1;
const STEPS_BEFORE_GROWTH = 5;
const GROWTH = 1.1;
const SHRINKAGE = 0.5;
const FIRST_MIXING = 0.1;
const MIXING_DECAY = 0.99;

/** Fast inertial relaxation engine: downhill dynamics in d dimensions with unit masses, stopped when it goes uphill. */
export class Fire implements Minimizer {
  private readonly velocity: Float64Array;
  private timeStep = FIRST_TIME_STEP;
  private mixing = FIRST_MIXING;
  private downhill = 0;

  /** `maxStep` (A) bounds the norm of a whole step. */
  constructor(
    dimension: number,
    private readonly maxStep: number,
  ) {
    this.velocity = new Float64Array(dimension);
  }

  /** The next displacement, given the forces (minus the gradient) at the present point. */
  step(forces: Float64Array): Float64Array {
    const v = this.velocity;
    let power = 0;
    let speed = 0;
    let strength = 0;
    for (let i = 0; i < v.length; i++) {
      const f = forces[i] as number;
      const u = v[i] as number;
      power += f * u;
      speed += u * u;
      strength += f * f;
    }
    if (power > 0) {
      const turn = this.mixing * Math.sqrt(speed / strength);
      for (let i = 0; i < v.length; i++) v[i] = (1 - this.mixing) * (v[i] as number) + turn * (forces[i] as number);
      if (this.downhill > STEPS_BEFORE_GROWTH) {
        this.timeStep = Math.min(this.timeStep * GROWTH, MAX_TIME_STEP);
        this.mixing *= MIXING_DECAY;
      }
      this.downhill++;
    } else if (speed > 0) {
      v.fill(0);
      this.timeStep *= SHRINKAGE;
      this.mixing = FIRST_MIXING;
      this.downhill = 0;
    }
    const displacement = new Float64Array(v.length);
    let length = 0;
    for (let i = 0; i < v.length; i++) {
      const u = (v[i] as number) + this.timeStep * (forces[i] as number);
      v[i] = u;
      const d = this.timeStep * u;
      displacement[i] = d;
      length += d * d;
    }
    length = Math.sqrt(length);
    if (length > this.maxStep) {
      const scale = this.maxStep / length;
      for (let i = 0; i < displacement.length; i++) displacement[i] = (displacement[i] as number) * scale;
    }
    return displacement;
  }
}
