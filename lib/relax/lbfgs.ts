import type { Minimizer } from './minimizer.js';

/** Steps that are remembered. */
const MEMORY = 20;
/** eV/A^2: the stiffness taken for every coordinate before any is known, as in ASE. */
const FIRST_STIFFNESS = 70;
/** A pair whose curvature is below this share of |s| |y| says nothing of a minimum. */
const MIN_CURVATURE = 1e-4;

/**
 * Limited-memory BFGS without a line search (Nocedal, Math. Comp. 35, 773, 1980; Liu and Nocedal, Math. Program. 45, 503,
 * 1989), the step bounded as in ASE. Where the energy curves downward, or the direction does not lead downhill, it forgets
 * and takes a step along the forces.
 */
export class Lbfgs implements Minimizer {
  private readonly steps: Float64Array[] = [];
  private readonly changes: Float64Array[] = [];
  private last: { forces: Float64Array; displacement: Float64Array } | null = null;

  /** `maxStep` (A) bounds the norm of a whole step. */
  constructor(private readonly maxStep: number) {}

  /** The next displacement, given the forces (minus the gradient) at the present point. */
  step(forces: Float64Array): Float64Array {
    if (this.last !== null) this.remember(this.last.displacement, difference(this.last.forces, forces));
    let displacement = this.direction(forces);
    if (!(dot(displacement, forces) > 0)) {
      this.forget();
      displacement = this.direction(forces);
    }
    const length = Math.sqrt(dot(displacement, displacement));
    if (length > this.maxStep) displacement = displacement.map((x) => (x * this.maxStep) / length);
    this.last = { forces: forces.slice(), displacement };
    return displacement;
  }

  private remember(s: Float64Array, y: Float64Array): void {
    const curvature = dot(s, y);
    if (!(curvature > MIN_CURVATURE * Math.sqrt(dot(s, s) * dot(y, y)))) {
      this.forget();
      return;
    }
    this.steps.push(s);
    this.changes.push(y);
    if (this.steps.length > MEMORY) {
      this.steps.shift();
      this.changes.shift();
    }
  }

  private forget(): void {
    this.steps.length = 0;
    this.changes.length = 0;
  }

  /** The two-loop recursion: the inverse Hessian that the remembered steps tell, times the forces. */
  private direction(forces: Float64Array): Float64Array {
    const q = forces.slice();
    const count = this.steps.length;
    const shares = new Float64Array(count);
    for (let k = count - 1; k >= 0; k--) {
      const [s, y] = [this.steps[k] as Float64Array, this.changes[k] as Float64Array];
      const share = dot(s, q) / dot(s, y);
      shares[k] = share;
      add(q, y, -share);
    }
    const [s, y] = [this.steps[count - 1], this.changes[count - 1]];
    const flexibility = s && y ? dot(s, y) / dot(y, y) : 1 / FIRST_STIFFNESS;
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * flexibility;
    for (let k = 0; k < count; k++) {
      const [sk, yk] = [this.steps[k] as Float64Array, this.changes[k] as Float64Array];
      add(q, sk, (shares[k] as number) - dot(yk, q) / dot(sk, yk));
    }
    return q;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** a += factor b */
function add(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + factor * (b[i] as number);
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - (b[i] as number));
}
