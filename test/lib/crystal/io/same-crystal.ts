import { expect } from 'vitest';
import { periodicDisplacement } from '../../../../lib/crystal/displacement.js';
import type { Crystal, Vec3 } from '../../../../schemas/crystal.js';

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
