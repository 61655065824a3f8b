import { latticeFromParameters, latticeParameters, volume } from '../../../../lib/crystal/lattice.js';
import type { Mat3, Vec3 } from '../../../../schemas/crystal.js';
import { fitLatticeScale, type LatticeScale, latticeFromStandardised, latticeTarget } from '../lattice-target.js';
import type { PaperOptions } from './options.js';

/** Six numbers for a cell of n atoms, as option `latticeTarget` says: see {@link latticeTarget}, or lengths and angles. */
export function latticeNumbers(lattice: Mat3, n: number, target: PaperOptions['latticeTarget']): Float64Array {
  if (target === 'metric') return latticeTarget(lattice, n);
  const { lengths, angles } = latticeParameters(lattice);
  return Float64Array.of(...lengths.map((x) => x / Math.cbrt(n)), ...angles);
}

export const logVolumePerAtom = (lattice: Mat3, n: number): number => Math.log(volume(lattice) / n);

export function fitPaperScale(rows: readonly { numbers: Float64Array; logVolume: number }[]): LatticeScale {
  return fitLatticeScale(
    rows.map((row) => row.numbers),
    rows.map((row) => row.logVolume),
  );
}

/** Angles as read stay in this range, degrees; a Niggli cell's lie between 60 and 120, but for rounding. */
const ANGLES: readonly [number, number] = [30, 150];
/** Smallest volume over the product of the lengths; that of a Niggli cell is at least a half. */
const FLATTEST = 0.3;

/** Volume of the cell with these angles (degrees) and lengths of one; 0 where there is no such cell. */
function unitVolume(angles: readonly number[]): number {
  const [ca, cb, cg] = angles.map((x) => Math.cos((x * Math.PI) / 180)) as Vec3;
  return Math.sqrt(Math.max(0, 1 + 2 * ca * cb * cg - ca * ca - cb * cb - cg * cg));
}

/** Angles moved towards 90 degrees by the least share, to 1/64, that makes a cell which is not too flat. */
function openAngles(angles: Vec3): Vec3 {
  for (let k = 0; k < 64; k++) {
    const moved = angles.map((x) => x + ((90 - x) * k) / 64) as Vec3;
    if (unitVolume(moved) >= FLATTEST) return moved;
  }
  return [90, 90, 90];
}

/**
 * A valid cell from six standardised numbers as a network gives them, always. Numbers are held within 6 standard
 * deviations (what is not finite counts as the mean), lengths at 1 A at least and angles between 30 and 150
 * degrees; angles that make no cell, or one flatter than 0.3 of its box, move towards 90 degrees until they do; then
 * lengths are scaled together so that the volume per atom is within a factor of 2 of the training range.
 */
export function cellFromNumbers(
  values: ArrayLike<number>,
  n: number,
  scale: LatticeScale,
  target: PaperOptions['latticeTarget'],
): Mat3 {
  if (target === 'metric') return latticeFromStandardised(values, n, scale);
  const numbers = Array.from({ length: 6 }, (_, k) => {
    const x = values[k] as number;
    const held = Number.isFinite(x) ? Math.max(-6, Math.min(6, x)) : 0;
    return held * (scale.std[k] as number) + (scale.mean[k] as number);
  });
  const lengths = numbers.slice(0, 3).map((x) => Math.max(1, x * Math.cbrt(n)));
  const angles = openAngles(numbers.slice(3).map((x) => Math.max(ANGLES[0], Math.min(ANGLES[1], x))) as Vec3);
  const [a, b, c] = lengths as Vec3;
  const logVolume = Math.log((a * b * c * unitVolume(angles)) / n);
  const held = Math.max(scale.logVolume[0] - Math.LN2, Math.min(scale.logVolume[1] + Math.LN2, logVolume));
  const factor = Math.exp((held - logVolume) / 3);
  return latticeFromParameters(lengths.map((x) => x * factor) as Vec3, angles);
}
