import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { volume } from '../../../lib/crystal/lattice.js';
import { Rng } from '../../../lib/random/rng.js';
import { CELL_FREEDOMS, generalizedForces } from '../../../lib/relax/cell-coordinates.js';
import { RELAX_METHODS } from '../../../lib/relax/minimizer.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import { relax } from '../../../lib/relax/relax.js';
import { GPA_PER_EV_A3, maxForce } from '../../../lib/scoring/evaluation.js';
import type { Crystal, Vec3 } from '../../../schemas/crystal.js';
import { lennardJones, lennardJonesMany } from './lennard-jones.js';

const starts = fc
  .record({ atoms: fc.integer({ min: 1, max: 4 }), seed: fc.integer({ min: 0, max: 1e6 }) })
  .map(({ atoms, seed }) => randomCrystal(Array<string>(atoms).fill('Mg'), Rng.from(seed)));
const methods = fc.constantFrom(...RELAX_METHODS);
const freedoms = fc.constantFrom(...CELL_FREEDOMS);
const fmax = 0.01;

describe('the Lennard-Jones test double', () => {
  it('has the forces and the stress of its energy', () => {
    const crystal = randomCrystal(['Mg', 'Mg', 'Mg'], Rng.from(5));
    const { forces, stress } = lennardJones(crystal);
    const h = 1e-5;
    const energy = (c: Crystal): number => lennardJones(c).energy;
    const a = Math.hypot(...crystal.lattice[0]);
    /** The second atom moved by d (A) along the first base vector. */
    const moved = (d: number): Crystal => ({
      ...crystal,
      frac: crystal.frac.map((f, i): Vec3 => (i === 1 ? [f[0] + d / a, f[1], f[2]] : f)),
    });
    const along = crystal.lattice[0].map((x) => x / a);
    const force = along.reduce((sum, x, k) => sum + x * (forces[3 + k] as number), 0);
    expect((energy(moved(h)) - energy(moved(-h))) / (2 * h)).toBeCloseTo(-force, 5);
    const strained = (e: number): Crystal => ({
      ...crystal,
      lattice: crystal.lattice.map(([x, y, z]): Vec3 => [x * (1 + e), y, z]) as Crystal['lattice'],
    });
    const slope = (energy(strained(h)) - energy(strained(-h))) / (2 * h);
    expect((slope / volume(crystal.lattice)) * GPA_PER_EV_A3).toBeCloseTo(stress[0] as number, 3);
  });
});

describe('relaxation by any method, of any freedom', () => {
  it('is called converged only where the forces say so, lower than its start', async () => {
    await fc.assert(
      fc.asyncProperty(starts, methods, freedoms, async (start, method, cell) => {
        const found = await relax(lennardJonesMany, start, { method, cell, fmax, maxSteps: 60 });
        const again = lennardJones(found.crystal);
        expect(found.energyPerAtom).toBe(again.energy / start.species.length);
        expect(found.converged).toBe(maxForce(generalizedForces(found.crystal, again, 0, cell)) < fmax);
        expect(found.converged).toBe(found.reason === undefined);
        if (found.converged) {
          expect(found.energyPerAtom).toBeLessThanOrEqual(lennardJones(start).energy / start.species.length + 1e-9);
        } else expect(found.steps).toBe(60);
      }),
      { numRuns: 60 },
    );
  });

  it('of fixed cell leaves the cell as it is, of constant volume the volume', async () => {
    await fc.assert(
      fc.asyncProperty(starts, methods, async (start, method) => {
        const options = { method, fmax, maxSteps: 1000 };
        const fixed = await relax(lennardJonesMany, start, { ...options, cell: 'fixed' });
        expect(fixed.crystal.lattice).toEqual(start.lattice);
        expect(maxForce(lennardJones(fixed.crystal).forces)).toBeLessThan(fmax);
        const kept = await relax(lennardJonesMany, start, { ...options, cell: 'volume' });
        expect(kept.converged).toBe(true);
        expect(Math.abs(volume(kept.crystal.lattice) / volume(start.lattice) - 1)).toBeLessThan(1e-6);
        // What is left of the stress is a pressure.
        const { stress } = lennardJones(kept.crystal);
        const scale = volume(start.lattice) / GPA_PER_EV_A3 / start.species.length;
        for (let k = 0; k < 9; k++) {
          const off = (stress[k] as number) + (k % 4 === 0 ? kept.pressure : 0);
          expect(Math.abs(off * scale)).toBeLessThan(fmax);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('under pressure ends where the stress is minus the pressure', async () => {
    await fc.assert(
      fc.asyncProperty(
        starts,
        methods,
        fc.double({ min: 0, max: 60, noNaN: true }),
        async (start, method, pressure) => {
          const found = await relax(lennardJonesMany, start, { method, pressure, fmax, maxSteps: 2000 });
          expect(found.converged).toBe(true);
          const { stress } = lennardJones(found.crystal);
          const n = start.species.length;
          const perAtom = volume(found.crystal.lattice) / n;
          for (let k = 0; k < 9; k++) {
            const off = (stress[k] as number) + (k % 4 === 0 ? pressure : 0);
            expect(Math.abs((off * perAtom) / GPA_PER_EV_A3)).toBeLessThan(fmax);
          }
          expect(found.enthalpyPerAtom).toBeCloseTo(found.energyPerAtom + (pressure * perAtom) / GPA_PER_EV_A3, 10);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('shows every crystal on the way with its energy', async () => {
    const start = randomCrystal(['Mg', 'Mg'], Rng.from(3));
    const frames: { crystal: Crystal; energyPerAtom: number }[] = [];
    const found = await relax(lennardJonesMany, start, { onStep: (step) => frames.push(step) });
    expect(frames).toHaveLength(found.steps + 1);
    expect(frames[0]?.crystal.lattice).toEqual(start.lattice);
    expect(frames.at(-1)?.crystal.frac).toEqual(found.crystal.frac);
    for (const { crystal, energyPerAtom } of frames) expect(lennardJones(crystal).energy / 2).toBe(energyPerAtom);
  });
});
