import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relax } from '../../../../lib/relax/relax.js';
import { lennardJonesScorer } from '../../../../plugins/scorers/lennard-jones/potential.js';
import type { Crystal, Mat3 } from '../../../../schemas/crystal.js';
import { evaluated, expectSameElsewhere, ionsArbitrary, relativeError, slopes } from './landscape.js';
import { classicalFixture } from './reference.js';

const DEFAULTS = { epsilon: 0.5, sigma: null, elements: {}, cutoff: 10, switchFrom: 0.66 };
const scorer = lennardJonesScorer(DEFAULTS);
const dimer = (distance: number): Crystal => ({
  lattice: [
    [60, 0, 0],
    [0, 60, 0],
    [0, 0, 60],
  ],
  species: ['Ar', 'Ar'],
  frac: [
    [0, 0, 0],
    [distance / 60, 0, 0],
  ],
});

describe('scorer/lennard-jones', () => {
  it('gives energies, forces and stresses of ASE on 40 cells of any shape', async () => {
    for (const [i, expected] of classicalFixture().lennardJones.entries()) {
      const { lattice, frac, epsilon, sigma, cutoff, switchFrom } = expected;
      const own = lennardJonesScorer({ ...DEFAULTS, epsilon, sigma, cutoff, switchFrom });
      const found = await evaluated(own, { lattice, frac, species: frac.map(() => 'Ar') });
      expect(found.energy, `cell ${i}`).toBeCloseTo(expected.energy, 9);
      expect(relativeError(found.forces, expected.forces, 0.01), `forces of cell ${i}`).toBeLessThan(1e-9);
      // ASE's constant of GPa is of another CODATA year.
      expect(relativeError(found.stress, expected.stress, 0.01), `stress of cell ${i}`).toBeLessThan(1e-6);
    }
  });

  it('has forces and stress that follow from its energies', async () => {
    await fc.assert(
      fc.asyncProperty(ionsArbitrary(1.6), async (crystal) => {
        const { forces, stress } = await evaluated(scorer, crystal);
        const expected = await slopes(scorer, crystal);
        expect(relativeError(forces, expected.forces, 0.1)).toBeLessThan(1e-5);
        expect(relativeError(stress, expected.stress, 1)).toBeLessThan(1e-5);
      }),
      { numRuns: 25 },
    );
  });

  it('does not depend on place, order, cell, orientation and supercell', async () => {
    await expectSameElsewhere(scorer, 1.6, 1e-8);
  });

  it('has its well at the sum of the covalent radii, or where elements say', async () => {
    const wide = { ...DEFAULTS, cutoff: 30, switchFrom: 0.9 };
    const { energy, forces } = await evaluated(lennardJonesScorer(wide), dimer(2 * 1.06));
    expect(energy).toBeCloseTo(-0.5, 3);
    expect(Math.abs(forces[0] as number)).toBeLessThan(1e-4);
    const own = lennardJonesScorer({ ...wide, elements: { Ar: { epsilon: 0.01, sigma: 3.4 } } });
    expect((await evaluated(own, dimer(3.4))).energy).toBeCloseTo(0, 12);
    expect((await evaluated(own, dimer(3.4 * 2 ** (1 / 6)))).energy).toBeCloseTo(-0.01, 4);
  });

  it('comes to zero smoothly at the cutoff', async () => {
    for (const [distance, limit] of [
      [10 - 1e-5, 1e-9],
      [10 + 1e-5, 0],
    ] as const) {
      const { energy, forces } = await evaluated(scorer, dimer(distance));
      expect(Math.abs(energy)).toBeLessThanOrEqual(limit);
      expect(Math.abs(forces[0] as number)).toBeLessThanOrEqual(limit);
    }
  });

  it('relaxes argon to a close packing at its lattice constant', async () => {
    const a = 5;
    const fcc: Mat3 = [
      [0, a / 2, a / 2],
      [a / 2, 0, a / 2],
      [a / 2, a / 2, 0],
    ];
    const argon = lennardJonesScorer({ ...DEFAULTS, epsilon: 0.0104, sigma: 3.4, cutoff: 30, switchFrom: 0.9 });
    const start: Crystal = { lattice: fcc, species: ['Ar'], frac: [[0, 0, 0]] };
    const { crystal, energyPerAtom, converged } = await relax((c) => argon.evaluate(c), start, { fmax: 1e-4 });
    expect(converged).toBe(true);
    // Lattice sums of the infinite fcc crystal: E = -8.6102 epsilon at a nearest distance of 1.0902 sigma (Kittel).
    expect(Math.hypot(...crystal.lattice[0]) / 3.4).toBeCloseTo(1.0902, 2);
    expect(energyPerAtom / 0.0104).toBeCloseTo(-8.61, 1);
  });
});
