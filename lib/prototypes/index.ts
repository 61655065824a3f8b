import { ABX_TYPES, ABX2_TYPES } from './abx.js';
import { ABX3_TYPES } from './abx3.js';
import { ABX4_TYPES } from './abx4.js';
import { AX_TYPES } from './ax.js';
import { AX2_TYPES } from './ax2.js';
import { AX3_TYPES } from './ax3.js';
import { ELEMENT_TYPES } from './elements.js';
import { OTHER_BINARY_TYPES } from './other-binaries.js';
import { OTHER_TYPES } from './other-types.js';
import type { StructureType } from './structure-type.js';

/**
 * The structure types that a chemist would try first. Cells and coordinates are those of the compound that each is named
 * after, rounded, as found in any textbook of structure types; they are meant to be scaled and relaxed.
 */
export const STRUCTURE_TYPES: readonly StructureType[] = [
  ...ELEMENT_TYPES,
  ...AX_TYPES,
  ...AX2_TYPES,
  ...AX3_TYPES,
  ...OTHER_BINARY_TYPES,
  ...ABX_TYPES,
  ...ABX2_TYPES,
  ...ABX3_TYPES,
  ...ABX4_TYPES,
  ...OTHER_TYPES,
];
