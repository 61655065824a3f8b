import { describe, expect, it } from 'vitest';
import { periodicDisplacement } from '../../../../lib/crystal/displacement.js';
import { type CrystalFormat, parseCrystals } from '../../../../lib/crystal/io/read.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';
import { loadFixture } from '../fixtures.js';

interface FileCase {
  name: string;
  format: CrystalFormat;
  text: string;
  expected: Crystal;
}

/** Same lattice and, in any order, the same atoms within `tolerance` (A). */
export function expectSameCrystal(found: Crystal, expected: Crystal, tolerance: number): void {
  for (const [i, row] of expected.lattice.entries())
    for (const [k, x] of row.entries())
      expect(Math.abs(((found.lattice[i] as Vec3)[k] as number) - x)).toBeLessThan(tolerance);
  expect([...found.species].sort()).toEqual([...expected.species].sort());
  const free = new Set(found.species.keys());
  for (const [i, f] of expected.frac.entries()) {
    const partner = [...free].find(
      (j) =>
        found.species[j] === expected.species[i] &&
        Math.hypot(...periodicDisplacement(f, found.frac[j] as Vec3, expected.lattice)) < tolerance,
    );
    expect(partner, `atom ${i} (${expected.species[i]}) at ${f}`).toBeDefined();
    free.delete(partner as number);
  }
}

const cases = loadFixture<FileCase[]>('files.json.gz');

describe('files of pymatgen and ASE', () => {
  it.each(cases.map((c) => [c.name, c] as const))(
    '%s holds the crystal that they read',
    (_, { text, format, name, expected }) => {
      const rows = parseCrystals(text, { name, format });
      expect(rows.map((r) => ('error' in r ? r.error.message : 'crystal'))).toEqual(['crystal']);
      const [row] = rows;
      if (!row || 'error' in row) return;
      expectSameCrystal(row.crystal, expected, 1e-3);
      if (expected.energyPerAtom !== undefined)
        expect(row.crystal.energyPerAtom).toBeCloseTo(expected.energyPerAtom, 9);
    },
  );
});
