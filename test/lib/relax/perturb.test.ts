import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inverse, multiply, toCartesian, volume } from '../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { SAME_STRUCTURE } from '../../../lib/crystal/same-structure.js';
import { Rng } from '../../../lib/random/rng.js';
import { MAX_SHEAR, MAX_STRAIN, PERTURBATIONS, perturbed, RATTLE_RANGE } from '../../../lib/relax/perturb.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { crystalArbitrary } from '../crystal/arbitraries.js';
import { ROCKSALT } from '../crystal/fixtures.js';

const seedArbitrary = fc.integer({ min: 0, max: 1e6 });
const length = (v: Vec3): number => Math.hypot(...v);

function drawn(crystal: Crystal, kind: (typeof PERTURBATIONS)[number], seed: number): Crystal {
  const found = perturbed(crystal, kind, Rng.from(seed));
  if (!found) throw new Error(`${kind} changes nothing`);
  return found;
}

it.each(PERTURBATIONS)('%s keeps the composition, hides the energies and follows from the seed alone', (kind) => {
  fc.assert(
    fc.property(crystalArbitrary, seedArbitrary, (crystal, seed) => {
      const before = structuredClone(crystal);
      const found = perturbed({ ...crystal, id: 'x', energyPerAtom: -1 }, kind, Rng.from(seed));
      expect(crystal).toEqual(before);
      expect(perturbed(crystal, kind, Rng.from(seed))).toEqual(found);
      if (!found) return;
      expect(Object.keys(found).sort()).toEqual(['frac', 'lattice', 'species']);
      expect(found.species.toSorted()).toEqual(crystal.species.toSorted());
    }),
    { numRuns: 50 },
  );
});

it('a strain changes the lengths of the base vectors alone, by at most its limit: the volume by their product', () => {
  let isotropic = 0;
  fc.assert(
    fc.property(crystalArbitrary, seedArbitrary, (crystal, seed) => {
      const found = drawn(crystal, 'strain', seed);
      const factors = found.lattice.map((row, i) => length(row) / length(crystal.lattice[i] as Vec3));
      for (const factor of factors) expect(Math.abs(factor - 1)).toBeLessThanOrEqual(MAX_STRAIN + 1e-12);
      const [a, b, c] = factors as Vec3;
      expect(volume(found.lattice) / volume(crystal.lattice)).toBeCloseTo(a * b * c, 9);
      expect(found.frac).toEqual(crystal.frac);
      if (Math.abs(a - b) + Math.abs(b - c) < 1e-9) isotropic++;
    }),
    { numRuns: 100, seed: 1 },
  );
  expect(isotropic).toBeGreaterThan(10);
  expect(isotropic).toBeLessThan(90);
});

it('a shear is a symmetric strain of at most its limit', () => {
  fc.assert(
    fc.property(crystalArbitrary, seedArbitrary, (crystal, seed) => {
      const found = drawn(crystal, 'shear', seed);
      const deformation: Mat3 = multiply(inverse(crystal.lattice), found.lattice);
      for (const [i, row] of deformation.entries())
        for (const [j, x] of row.entries()) {
          expect(x).toBeCloseTo((deformation[j] as Vec3)[i] as number, 9);
          expect(Math.abs(x - (i === j ? 1 : 0))).toBeLessThanOrEqual(MAX_SHEAR + 1e-9);
        }
      expect(found.frac).toEqual(crystal.frac);
    }),
  );
});

it('a rattle moves atoms, by about its amplitude, and not the cell; a lone atom has nowhere to go', () => {
  const squares: number[] = [];
  fc.assert(
    fc.property(crystalArbitrary, seedArbitrary, (crystal, seed) => {
      if (crystal.species.length === 1) {
        expect(perturbed(crystal, 'rattle', Rng.from(seed))).toBeNull();
        return;
      }
      const found = drawn(crystal, 'rattle', seed);
      expect(found.lattice).toEqual(crystal.lattice);
      const [a, b] = [toCartesian(crystal.frac, crystal.lattice), toCartesian(found.frac, found.lattice)];
      for (const [i, p] of a.entries())
        for (let k = 0; k < 3; k++) squares.push(((b[i] as Vec3)[k] as number) - (p[k] as number));
    }),
    { numRuns: 200, seed: 1 },
  );
  // Of a deviate whose amplitude is uniform in [l, h] the mean square is (l^2 + l h + h^2) / 3.
  const [l, h] = RATTLE_RANGE;
  const meanSquare = squares.reduce((sum, x) => sum + x * x, 0) / squares.length;
  expect(meanSquare / ((l * l + l * h + h * h) / 3)).toBeGreaterThan(0.7);
  expect(meanSquare / ((l * l + l * h + h * h) / 3)).toBeLessThan(1.3);
});

it('a swap keeps cell and sites, and gives another crystal', () => {
  let swaps = 0;
  fc.assert(
    fc.property(crystalArbitrary, seedArbitrary, (crystal, seed) => {
      const found = perturbed(crystal, 'swap', Rng.from(seed));
      if (!found) return;
      swaps++;
      expect([found.lattice, found.frac]).toEqual([crystal.lattice, crystal.frac]);
      expect(found.species).not.toEqual(crystal.species);
      expect(matchStructures(crystal, found, SAME_STRUCTURE).match).toBe(false);
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(swaps).toBeGreaterThan(5);
});

it('there is no swap of an element, nor of two sites that are alike', () => {
  const element = { ...ROCKSALT, species: ROCKSALT.species.map(() => 'Si') };
  expect(perturbed(element, 'swap', Rng.from(0))).toBeNull();
  // Cations and anions of rock salt exchanged are rock salt.
  expect(perturbed(ROCKSALT, 'swap', Rng.from(0))).toBeNull();
  // Of MgSiO3 as a perovskite there is: A and B sites differ.
  const perovskite: Crystal = {
    lattice: [
      [3.5, 0, 0],
      [0, 3.5, 0],
      [0, 0, 3.5],
    ],
    species: ['Mg', 'Si', 'O', 'O', 'O'],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ],
  };
  expect(drawn(perovskite, 'swap', 0).species).not.toEqual(perovskite.species);
});
