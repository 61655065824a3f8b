import type { Crystal } from '../../schemas/crystal.js';
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
