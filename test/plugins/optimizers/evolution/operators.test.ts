import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latticeParameters, volume } from '../../../../lib/crystal/lattice.js';
import { niggliReduce } from '../../../../lib/crystal/niggli.js';
import { Rng } from '../../../../lib/random/rng.js';
import { heredity } from '../../../../plugins/optimizers/evolution/heredity.js';
import { permutation } from '../../../../plugins/optimizers/evolution/permutation.js';
import { ripple } from '../../../../plugins/optimizers/evolution/ripple.js';
import type { Crystal } from '../../../../schemas/crystal.js';
import { ionsArbitrary } from '../../scorers/classical/landscape.js';

const atoms = ({ species }: Crystal): string[] => [...species].sort();
const parent = ionsArbitrary(1.2);
const seed = fc.integer();
/** Two crystals of the same atoms. */
const parents = fc.tuple(parent, parent).filter(([a, b]) => atoms(a).join() === atoms(b).join());
const least = fc.double({ min: 0, max: 0.5, noNaN: true });

describe('heredity', () => {
  it('keeps the composition, leaves parents alone, and has a volume between theirs', () => {
    fc.assert(
      fc.property(parents, seed, least, ([a, b], s, share) => {
        const before = JSON.stringify([a, b]);
        const child = heredity(a, b, Rng.from(s), share);
        expect(JSON.stringify([a, b])).toBe(before);
        expect(atoms(child)).toEqual(atoms(a));
        expect(child.frac).toHaveLength(a.frac.length);
        const [low, high] = [volume(a.lattice), volume(b.lattice)].sort((x, y) => x - y) as [number, number];
        expect(volume(child.lattice)).toBeGreaterThan(low * (1 - 1e-9));
        expect(volume(child.lattice)).toBeLessThan(high * (1 + 1e-9));
      }),
      { numRuns: 100 },
    );
  });

  it('of twins makes their lattice', () => {
    fc.assert(
      fc.property(parent, seed, (a, s) => {
        const child = heredity(a, a, Rng.from(s), 0.25);
        const [mine, theirs] = [latticeParameters(child.lattice), latticeParameters(niggliReduce(a).lattice)];
        mine.lengths.forEach((x, k) => expect(x).toBeCloseTo(theirs.lengths[k] as number, 6));
        mine.angles.forEach((x, k) => expect(x).toBeCloseTo(theirs.angles[k] as number, 4));
      }),
      { numRuns: 50 },
    );
  });
});

describe('ripple', () => {
  it('keeps composition and volume, and moves atoms along one base vector only', () => {
    fc.assert(
      fc.property(parent, seed, (a, s) => {
        const child = ripple(a, Rng.from(s), 0.5, [0.5, 1]);
        expect(child.species).toEqual(a.species);
        expect(volume(child.lattice)).toBeCloseTo(volume(a.lattice), 6);
        const moved = [0, 1, 2].filter((k) => child.frac.some((f, i) => f[k] !== a.frac[i]?.[k]));
        expect(moved.length).toBeLessThanOrEqual(1);
        for (const [i, f] of child.frac.entries())
          for (const k of moved) expect(Math.abs((f[k] as number) - (a.frac[i]?.[k] as number))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });

  it('without strain and amplitude is the parent', () => {
    fc.assert(
      fc.property(parent, seed, (a, s) => {
        const child = ripple(a, Rng.from(s), 0, [0, 0]);
        // -0 counts as 0.
        const plain = (frac: readonly (readonly number[])[]) => frac.map((f) => f.map((x) => x + 0));
        expect(plain(child.frac)).toEqual(plain(a.frac));
        child.lattice.flat().forEach((x, k) => expect(x).toBeCloseTo(a.lattice.flat()[k] as number, 9));
      }),
      { numRuns: 30 },
    );
  });
});

describe('permutation', () => {
  it('exchanges unlike atoms only, from one pair to the most allowed, and nothing else', () => {
    fc.assert(
      fc.property(parent, seed, fc.integer({ min: 1, max: 4 }), (a, s, most) => {
        const child = permutation(a, Rng.from(s), most) as Crystal;
        expect(child.lattice).toEqual(a.lattice);
        expect(child.frac).toEqual(a.frac);
        expect(atoms(child)).toEqual(atoms(a));
        const changed = child.species.filter((e, i) => e !== a.species[i]).length;
        expect(changed).toBeGreaterThanOrEqual(2);
        expect(changed).toBeLessThanOrEqual(2 * most);
        expect(changed % 2).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing to exchange in an element', () => {
    fc.assert(
      fc.property(parent, seed, (a, s) => {
        expect(permutation({ ...a, species: a.species.map(() => 'Si') }, Rng.from(s), 4)).toBeNull();
      }),
    );
  });
});
