import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { writeCif } from './cif-write.js';
import { writeExtxyz } from './extxyz.js';
import { writeJsonl } from './jsonl.js';
import { writePoscar } from './poscar.js';

const WRITERS = {
  cif: writeCif,
  poscar: writePoscar,
  extxyz: writeExtxyz,
  jsonl: writeJsonl,
} satisfies Record<string, (crystals: readonly Crystal[]) => string>;

export type WritableFormat = keyof typeof WRITERS;
export const WRITABLE_FORMATS = Object.keys(WRITERS) as WritableFormat[];

/**
 * Crystals as text. Energies and ids are kept by extXYZ and JSON lines, ids by CIF. CIF turns the crystal to its
 * standard orientation.
 *
 * @throws LcomsError LCOMS_E_INPUT for an unknown format, or for more than one crystal in a POSCAR.
 */
export function writeCrystals(crystals: readonly Crystal[], format: WritableFormat): string {
  const write = WRITERS[format];
  if (!write) {
    throw new LcomsError('LCOMS_E_INPUT', `"${format}" cannot be written; known are ${WRITABLE_FORMATS.join(', ')}`);
  }
  if (format === 'poscar' && crystals.length !== 1) {
    throw new LcomsError(
      'LCOMS_E_INPUT',
      `a POSCAR holds one crystal, not ${crystals.length}: write one file for each`,
    );
  }
  return write(crystals);
}
