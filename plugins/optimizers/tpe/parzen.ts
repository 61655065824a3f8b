import type { Rng } from '../../../lib/random/rng.js';
import { normalCdf } from '../../../lib/search/normal.js';

/** Kernels that got the full weight, the newest ones; older ones get less, down to one n-th. */
const RECENT = 25;

/** Widths from its centre at which a kernel adds less than rounding: most kernels are that far from most points. */
const FAR = 9;

/**
 * Adaptive Parzen estimator on [0, 1] as Optuna's: a normal kernel per observation and one, of width 1, in the middle,
 * for the prior, all cut off at 0 and 1. A kernel is as wide as the gap to its farther neighbour, at least 1 / min(100,
 * 1 + kernels).
 */
export class Parzen {
  private readonly sigmas: Float64Array;
  /** Cumulative weights, the last one 1. */
  private readonly cumulative: Float64Array;
  /** Weight over sigma, root of 2 pi and the mass inside [0, 1]. */
  private readonly factors: Float64Array;
  private readonly centres: Float64Array;

  /** @param observations oldest first */
  constructor(observations: Float64Array) {
    const n = observations.length + 1;
    this.centres = new Float64Array(n).fill(0.5);
    this.centres.set(observations);
    this.sigmas = widths(this.centres);
    const weights = Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : recency(i, n - 1)));
    const total = weights.reduce((a, b) => a + b, 0);
    let sum = 0;
    this.cumulative = weights.map((w) => (sum += w / total));
    this.factors = weights.map((w, i) => {
      const sigma = this.sigmas[i] as number;
      const centre = this.centres[i] as number;
      const beyond = (distance: number) => (distance > FAR * sigma ? 0 : normalCdf(-distance / sigma));
      const inside = 1 - beyond(1 - centre) - beyond(centre);
      return w / total / (sigma * Math.sqrt(2 * Math.PI) * inside);
    });
  }

  sample(rng: Rng): number {
    const u = rng.uniform();
    let i = 0;
    while (i < this.cumulative.length - 1 && u >= (this.cumulative[i] as number)) i++;
    // A third of the widest kernel at a face lies inside: few draws are thrown away.
    for (;;) {
      const x = (this.centres[i] as number) + (this.sigmas[i] as number) * rng.normal();
      if (x >= 0 && x <= 1) return x;
    }
  }

  density(x: number): number {
    let sum = 0;
    for (let i = 0; i < this.centres.length; i++) {
      const z = (x - (this.centres[i] as number)) / (this.sigmas[i] as number);
      if (z < FAR && z > -FAR) sum += (this.factors[i] as number) * Math.exp(-0.5 * z * z);
    }
    return sum;
  }
}

function recency(i: number, n: number): number {
  const old = n - RECENT;
  if (i >= old) return 1;
  return old === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (old - 1);
}

/** The last centre is the prior's. */
function widths(centres: Float64Array): Float64Array {
  const n = centres.length;
  const order = [...centres.keys()].sort((a, b) => (centres[a] as number) - (centres[b] as number) || a - b);
  const at = (rank: number): number => (rank < 0 ? 0 : rank >= n ? 1 : (centres[order[rank] as number] as number));
  const least = 1 / Math.min(100, 1 + n);
  const sigmas = new Float64Array(n);
  order.forEach((i, rank) => {
    const below = at(rank) - at(rank - 1);
    const above = at(rank + 1) - at(rank);
    // The outermost kernels don't see the faces, when there are others to see.
    const wide = n < 2 ? 1 : rank === 0 ? above : rank === n - 1 ? below : Math.max(below, above);
    sigmas[i] = Math.min(1, Math.max(least, wide));
  });
  sigmas[n - 1] = 1;
  return sigmas;
}
