import type { Crystal } from '../../schemas/crystal.js';
import { LcomsError } from '../../schemas/errors.js';
import { volume } from './lattice.js';
import { neighbourList } from './neighbours.js';

/** A: atoms nearer than this overlap. */
export const MIN_DISTANCE = 0.5;
/** A^3, of the whole cell. */
export const MIN_VOLUME = 0.1;

/**
 * Structural validity as CDVAE counts it (Xie et al. 2021, arXiv:2110.06197, section 5.2; `structure_validity` of its
 * scripts/eval_utils.py): no two atoms nearer than 0.5 A, periodic images included, and a cell of 0.1 A^3 at least. An
 * atom and its own images are not compared.
 */
export function isStructurallyValid(crystal: Crystal): boolean {
  const numbers = [...crystal.lattice.flat(), ...crystal.frac.flat()];
  if (!numbers.every(Number.isFinite) || !(volume(crystal.lattice) >= MIN_VOLUME)) return false;
  const { count, source, target, distance } = neighbourList(crystal, MIN_DISTANCE);
  for (let p = 0; p < count; p++) if (source[p] !== target[p] && (distance[p] as number) < MIN_DISTANCE) return false;
  return true;
}

/**
 * Refuses crystals whose atoms lie on top of each other, images of the same atom too: no simulator has a meaning there.
 * @throws LcomsError LCOMS_E_CRYSTAL naming the nearest two atoms (from 1) when they are nearer than MIN_DISTANCE.
 */
export function requireApart(crystal: Crystal): void {
  const edge = Math.min(...crystal.lattice.map((row) => Math.hypot(...row)));
  if (edge < MIN_DISTANCE) {
    throw new LcomsError(
      'LCOMS_E_CRYSTAL',
      `A base vector is ${edge.toPrecision(3)} A long; an atom and its own image nearer than ${MIN_DISTANCE} A overlap.`,
    );
  }
  const { count, source, target, distance } = neighbourList(crystal, MIN_DISTANCE);
  let nearest = -1;
  for (let p = 0; p < count; p++) {
    if (nearest < 0 || (distance[p] as number) < (distance[nearest] as number)) nearest = p;
  }
  if (nearest < 0 || !((distance[nearest] as number) < MIN_DISTANCE)) return;
  const [i, j] = [source[nearest] as number, target[nearest] as number].sort((a, b) => a - b) as [number, number];
  const what = i === j ? `Atom ${i + 1} and its own image` : `Atoms ${i + 1} and ${j + 1}`;
  throw new LcomsError(
    'LCOMS_E_CRYSTAL',
    `${what} are ${(distance[nearest] as number).toFixed(3)} A apart; nearer than ${MIN_DISTANCE} A they overlap.`,
  );
}
