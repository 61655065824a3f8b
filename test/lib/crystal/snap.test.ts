import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositionOf, reducedComposition } from '../../../lib/crystal/composition.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { snapped } from '../../../lib/crystal/snap.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { prototypeStarts } from '../../../plugins/datasets/simulated/prototypes.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

/** Base vectors and places moved by about `amount` (A) of normal noise. */
function disturbed({ lattice, species, frac }: Crystal, amount: number, seed = 'disturbed'): Crystal {
  const rng = Rng.from(seed);
  return {
    lattice: lattice.map((row) => row.map((x) => x + amount * rng.normal())) as Mat3,
    species,
    frac: frac.map((f) => f.map((x) => x + 0.2 * amount * rng.normal()) as Vec3),
  };
}

const prototypes = [
  ...prototypeStarts({ Mg: 1, O: 1 }),
  ...prototypeStarts({ Ca: 1, F: 2 }),
  ...prototypeStarts({ Si: 1 }),
].map(({ name, crystal }) => ({ name: `${name} ${crystal.species.join('')}`, crystal }));

describe('snapped', () => {
  it.each(prototypes)('$name: exact again within the tolerance', ({ crystal }) => {
    const rough = disturbed(crystal, 0.02);
    const group = symmetry(crystal, 0.05).number;
    expect(symmetry(rough, 1e-4).number).toBeLessThan(group);
    const exact = snapped(rough, 0.2) as Crystal;
    // A buckled layer is flat within such a tolerance: the group may be a higher one.
    expect(symmetry(exact, 1e-4).number).toBeGreaterThanOrEqual(group);
    expect(exact.frac.flat().every((x) => x >= 0 && x < 1)).toBe(true);
    // Nothing is left to gain.
    expect(snapped(exact, 0.2)).toBeNull();
  });

  it('gives the primitive cell of what nearly repeats itself', () => {
    const { lattice, species, frac } = (prototypes[0] as { crystal: Crystal }).crystal;
    const [a, b, c] = lattice;
    const twice: Crystal = {
      lattice: [a.map((x) => 2 * x) as Vec3, b, c],
      species: [...species, ...species],
      frac: [0, 0.5].flatMap((by) => frac.map(([x, y, z]): Vec3 => [x / 2 + by, y, z])),
    };
    expect(snapped(disturbed(twice, 0.02), 0.2)?.species).toHaveLength(species.length);
  });

  it('leaves what has no symmetry within the tolerance, what overlaps and what is no cell', () => {
    const { crystal } = prototypes[0] as { crystal: Crystal };
    expect(snapped(disturbed(crystal, 0.3), 0.05)).toBeNull();
    expect(snapped({ ...crystal, frac: crystal.frac.map(() => [0, 0, 0]) }, 0.1)).toBeNull();
    const flat = crystal.lattice.map(([x, y]): Vec3 => [x, y, 0]) as Mat3;
    expect(snapped({ ...crystal, lattice: flat }, 0.1)).toBeNull();
    expect(snapped({ ...crystal, frac: [[Number.NaN, 0, 0], ...crystal.frac.slice(1)] }, 0.1)).toBeNull();
  });

  it('keeps the composition and nearly the volume, and never loses symmetry', () => {
    const rough = fc
      .record({
        prototype: fc.constantFrom(...prototypes),
        amount: fc.double({ min: 0, max: 0.2, noNaN: true }),
        seed: fc.string(),
      })
      .map(({ prototype, amount, seed }) => disturbed(prototype.crystal, amount, seed));
    let moved = 0;
    fc.assert(
      fc.property(rough, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (crystal, tolerance) => {
        const exact = snapped(crystal, tolerance);
        if (exact === null) return;
        moved++;
        const perAtom = (c: Crystal) => volume(c.lattice) / c.species.length;
        expect(reducedComposition(compositionOf(exact.species))).toEqual(
          reducedComposition(compositionOf(crystal.species)),
        );
        expect(perAtom(exact) / perAtom(crystal)).toBeGreaterThan(0.9);
        expect(perAtom(exact) / perAtom(crystal)).toBeLessThan(1.1);
        // Of one space group where the crystal repeats itself in less than its cell.
        const [after, before] = [symmetry(exact).number, symmetry(crystal).number];
        expect(after).toBeGreaterThanOrEqual(before);
        if (after === before) expect(exact.species.length).toBeLessThan(crystal.species.length);
      }),
      { numRuns: 200 },
    );
    expect(moved).toBeGreaterThan(20);
  });
});
