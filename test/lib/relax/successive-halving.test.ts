import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../lib/random/rng.js';
import { randomCrystal } from '../../../lib/relax/random-start.js';
import { type Relaxation, type RelaxationStep, relaxMany } from '../../../lib/relax/relax.js';
import { RUNGS, SuccessiveHalving } from '../../../lib/relax/successive-halving.js';
import type { Crystal } from '../../../schemas/crystal.js';
import { LcomsError } from '../../../schemas/errors.js';
import { lennardJonesMany } from './lennard-jones.js';

const starts = (seed: number, count: number): Crystal[] =>
  Array.from({ length: count }, (_, i) => randomCrystal(['Ar', 'Ar', 'Kr'], Rng.from(`${seed}/${i}`)));

const done = (result: Relaxation | LcomsError | undefined): Relaxation => {
  if (result === undefined || result instanceof LcomsError) throw result ?? new Error('no result');
  return result;
};

describe('relaxMany with stop', () => {
  it('leaves those that go on as they would be alone, and gives the others up where they are', async () => {
    const crystals = starts(0, 6);
    const free = (await relaxMany(lennardJonesMany, crystals)).map(done);
    const asked: number[] = [];
    const seen = new Map<number, RelaxationStep>();
    const results = (
      await relaxMany(lennardJonesMany, crystals, {
        stop: (moving) => {
          asked.push(moving[0]?.step as number);
          expect(new Set(moving.map(({ step }) => step)).size).toBe(1);
          if (moving[0]?.step !== 7) return new Set();
          const stopped = moving.filter(({ index }) => index % 2 === 1);
          for (const at of stopped) seen.set(at.index, at);
          return new Set(stopped.map(({ index }) => index));
        },
      })
    ).map(done);
    expect(asked.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.size).toBeGreaterThan(1);
    for (const [i, result] of results.entries()) {
      const stopped = seen.get(i);
      if (stopped === undefined) {
        expect(JSON.stringify(result)).toBe(JSON.stringify(free[i]));
        continue;
      }
      expect(result).toMatchObject({ converged: false, reason: 'stopped', steps: 7, maxForce: stopped.maxForce });
      const { energyPerAtom, ...crystal } = result.crystal;
      expect(energyPerAtom).toBe(stopped.energyPerAtom);
      expect(crystal).toEqual(stopped.crystal);
    }
  });
});

describe('SuccessiveHalving', () => {
  const at = (step: number, energies: readonly number[]): RelaxationStep[] =>
    energies.map((energyPerAtom, i) => ({
      index: 3 * i,
      step,
      energyPerAtom,
      maxForce: 1,
      crystal: { lattice: [], species: [], frac: [] } as never,
    }));

  it('gives up exactly those that lie further above the second lowest than the margin of the rung', () => {
    // Within 1 eV/atom of each other: none of them is taken for a hole.
    const energy = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...RUNGS),
        fc.array(energy, { minLength: 1 }),
        fc.array(energy),
        (rung, moving, known) => {
          const stopped = new SuccessiveHalving(known).hopeless(at(rung.step, moving));
          const second = [...moving, ...known].sort((a, b) => a - b)[1] ?? Infinity;
          moving.forEach((e, i) => {
            expect(stopped.has(3 * i)).toBe(e > second + rung.margin);
          });
          // One that is lowest of all goes on, whatever lies below the others.
          expect(stopped.has(3 * moving.indexOf(Math.min(...moving)))).toBe(Math.min(...moving) > second + rung.margin);
        },
      ),
    );
  });

  it('does nothing between rungs, nor to a crystal alone, nor because of one hole', () => {
    expect(new SuccessiveHalving([-9, -9]).hopeless(at(1, [0, 5])).size).toBe(0);
    expect(new SuccessiveHalving().hopeless(at(RUNGS[0]?.step as number, [5])).size).toBe(0);
    expect(new SuccessiveHalving([-40]).hopeless(at(RUNGS[0]?.step as number, [0, 0.1])).size).toBe(0);
    expect(new SuccessiveHalving([-40, -40, 0, 0.2, 0.1]).hopeless(at(RUNGS[0]?.step as number, [0, 0.1])).size).toBe(
      0,
    );
    expect(new SuccessiveHalving([-40, -40]).hopeless(at(RUNGS[0]?.step as number, [0, 0.1])).size).toBe(2);
  });

  it('asks for less as the relaxation goes on', () => {
    for (const [i, { step, margin }] of RUNGS.entries()) {
      expect(step).toBeGreaterThan(RUNGS[i - 1]?.step ?? 0);
      expect(margin).toBeLessThan(RUNGS[i - 1]?.margin ?? Infinity);
    }
  });
});
