import { inverse, volume } from '../../../lib/crystal/lattice.js';
import type { Crystal, Vec3 } from '../../../schemas/crystal.js';
import type { PairTerm, Totals } from '../classical/pair-terms.js';
import { erfc } from './error-function.js';

/** e^2 / (4 pi epsilon_0), eV A (CODATA 2018). */
export const COULOMB = 14.399645478;

/** Both sums end where their terms have fallen to exp(-s^2), 2e-13 of the first. */
const REACH = 5.4;
/** A pair takes about ten times as long as an atom's phase: more of the work is given to the reciprocal sum. */
const PAIR_COST = 10;

/** How the Coulomb sum of a cell is split. */
export interface EwaldSplit {
  /** 1/A */
  alpha: number;
  /** A, of the sum over pairs. */
  cutoff: number;
  /** 1/A, of the sum over reciprocal lattice vectors. */
  reciprocalCutoff: number;
}

/** The split that gives both sums about the same work, whatever the shape and size of the cell. */
export function ewaldSplit({ lattice, species }: Crystal): EwaldSplit {
  const v = volume(lattice);
  const alpha = Math.sqrt(Math.PI) * ((PAIR_COST * species.length) / (v * v)) ** (1 / 6);
  return { alpha, cutoff: REACH / alpha, reciprocalCutoff: 2 * REACH * alpha };
}

/** The part of a pair that falls off quickly. `charges`: n, e. */
export function screenedCoulomb(charges: Float64Array, { alpha }: EwaldSplit): PairTerm {
  const peak = (2 * alpha) / Math.sqrt(Math.PI);
  return (i, j, square, out) => {
    const product = COULOMB * (charges[i] as number) * (charges[j] as number);
    const r = Math.sqrt(square);
    const gaussian = Math.exp(-alpha * alpha * square);
    const energy = (product * erfc(alpha * r, gaussian)) / r;
    out[0] = energy;
    out[1] = -(energy + product * peak * gaussian) / square;
  };
}

/** Adds the smooth part, as a sum over half of the reciprocal lattice, and the ions' energy in their own clouds. */
export function addSmoothCoulomb(
  { lattice, frac }: Crystal,
  charges: Float64Array,
  { alpha, reciprocalCutoff }: EwaldSplit,
  totals: Totals,
): void {
  const n = charges.length;
  const { forces, virial } = totals;
  const toFrac = inverse(lattice);
  const limit = reciprocalCutoff * reciprocalCutoff;
  // |G . a| = 2 pi |h| is at most |G| |a|: exact for skewed cells.
  const [hMax, kMax, lMax] = lattice.map((v) =>
    Math.floor((reciprocalCutoff * Math.hypot(...v)) / (2 * Math.PI)),
  ) as Vec3;
  const cosines = new Float64Array(n);
  const sines = new Float64Array(n);
  const prefactor = (2 * 2 * Math.PI * COULOMB) / volume(lattice);
  let energy = 0;
  for (let h = 0; h <= hMax; h++) {
    for (let k = h === 0 ? 0 : -kMax; k <= kMax; k++) {
      for (let l = h === 0 && k === 0 ? 1 : -lMax; l <= lMax; l++) {
        // Reciprocal vectors are the columns of the inverse lattice.
        const gx = 2 * Math.PI * (h * toFrac[0][0] + k * toFrac[0][1] + l * toFrac[0][2]);
        const gy = 2 * Math.PI * (h * toFrac[1][0] + k * toFrac[1][1] + l * toFrac[1][2]);
        const gz = 2 * Math.PI * (h * toFrac[2][0] + k * toFrac[2][1] + l * toFrac[2][2]);
        const square = gx * gx + gy * gy + gz * gz;
        if (square > limit) continue;
        let real = 0;
        let imaginary = 0;
        for (let i = 0; i < n; i++) {
          const f = frac[i] as Vec3;
          const phase = 2 * Math.PI * (h * f[0] + k * f[1] + l * f[2]);
          const q = charges[i] as number;
          real += cosines[i] = q * Math.cos(phase);
          imaginary += sines[i] = q * Math.sin(phase);
        }
        const weight = (prefactor * Math.exp(-square / (4 * alpha * alpha))) / square;
        const part = weight * (real * real + imaginary * imaginary);
        energy += part;
        for (let i = 0; i < n; i++) {
          const push = 2 * weight * ((sines[i] as number) * real - (cosines[i] as number) * imaginary);
          forces[3 * i] = (forces[3 * i] as number) + push * gx;
          forces[3 * i + 1] = (forces[3 * i + 1] as number) + push * gy;
          forces[3 * i + 2] = (forces[3 * i + 2] as number) + push * gz;
        }
        addVirial(virial, [gx, gy, gz], part, 2 / square + 1 / (2 * alpha * alpha));
      }
    }
  }
  const squares = charges.reduce((sum, q) => sum + q * q, 0);
  totals.energy += energy - (COULOMB * alpha * squares) / Math.sqrt(Math.PI);
}

/** d/dstrain of exp(-G^2 / 4 alpha^2) / (G^2 V). */
function addVirial(virial: Float64Array, g: Vec3, part: number, factor: number): void {
  for (let p = 0; p < 3; p++) {
    for (let q = 0; q < 3; q++) {
      const term = part * (factor * (g[p] as number) * (g[q] as number) - (p === q ? 1 : 0));
      virial[3 * p + q] = (virial[3 * p + q] as number) + term;
    }
  }
}
