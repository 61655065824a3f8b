import { readFile } from 'node:fs/promises';
import { packagedFile } from '../../../lib/package-root.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

interface PolymorphRow {
  formula: string;
  prototype: string;
  lattice: Mat3;
  species: string[];
  frac: Vec3[];
}

let rows: Promise<PolymorphRow[]> | null = null;

/**
 * Known structure types of a compound, by reduced formula; empty for those that lcoms knows nothing of. They are relaxed
 * already by CHGNet-r2SCAN, which makes relaxing them again quick.
 */
export async function knownPolymorphs(formula: string): Promise<{ name: string; crystal: Crystal }[]> {
  rows ??= readFile(packagedFile('plugins/datasets/simulated/binary26-polymorphs.jsonl'), 'utf8').then((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as PolymorphRow)
      .filter((row) => row.prototype !== undefined),
  );
  return (await rows)
    .filter((row) => row.formula === formula)
    .map(({ prototype, lattice, species, frac }) => ({ name: prototype, crystal: { lattice, species, frac } }));
}
