import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearAssignment } from '../../../lib/crystal/assignment.js';
import { averagedPrimitiveCell } from '../../../lib/crystal/averaged-primitive.js';
import { inverse, multiply, rowTimes, volume } from '../../../lib/crystal/lattice.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { minimumDistance } from '../../../lib/crystal/neighbours.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { crystalArbitrary, unimodularArbitrary } from './arbitraries.js';
import { loadFixture, ROCKSALT } from './fixtures.js';

interface PymatgenStructure {
  lattice: { matrix: Mat3 };
  sites: { species: { element: string }[]; abc: Vec3 }[];
}
interface BinaryPairs {
  cfgs: { ltol: number; stol: number; angle_tol: number }[];
  pairs: { a: PymatgenStructure; b: PymatgenStructure; ref: [boolean, number | null, number | null][] }[];
}
interface GeneralPair {
  mode: string;
  a: Crystal;
  b: Crystal;
  match: boolean;
  rms: number | null;
}

const crystalOf = (s: PymatgenStructure): Crystal => ({
  lattice: s.lattice.matrix,
  species: s.sites.map((x) => x.species[0]?.element as string),
  frac: s.sites.map((x) => x.abc),
});

describe('structure matching', () => {
  it('gives the verdicts and rms of pymatgen on 100 pairs of binaries, under both tolerance sets', () => {
    const { cfgs, pairs } = loadFixture<BinaryPairs>('matcher-pairs.json.gz');
    for (const [i, { ltol, stol, angle_tol: angleTol }] of cfgs.entries()) {
      const wrong = pairs.filter(({ a, b, ref }) => {
        const { match, rms } = matchStructures(crystalOf(a), crystalOf(b), { ltol, stol, angleTol });
        const [expected, expectedRms] = ref[i] as [boolean, number | null, number | null];
        return match !== expected || (expected && Math.abs((rms as number) - (expectedRms as number)) > 1e-6);
      });
      expect(wrong).toEqual([]);
    }
  });

  it('gives those of pymatgen on 160 pairs of up to 32 atoms, but for two that depend on the cell given', () => {
    const pairs = loadFixture<GeneralPair[]>('matcher-general.json.gz');
    const differ: number[] = [];
    for (const [i, pair] of pairs.entries()) {
      const { match, rms } = matchStructures(pair.a, pair.b);
      if (match !== pair.match) differ.push(i);
      else if (rms === null || pair.rms === null) expect(rms, `pair ${i}`).toBe(pair.rms);
      // Both searches end below 1e-5, at whichever mapping came first.
      else expect(Math.abs(rms - pair.rms), `pair ${i}`).toBeLessThan(1e-5);
    }
    // Equal crystals whose Niggli cells pymatgen reduces to primitive cells of different size.
    expect(differ).toEqual([36, 122]);
  });

  it('matches a crystal with itself in another cell, order, origin and volume', () => {
    fc.assert(
      fc.property(
        crystalArbitrary.filter((c) => minimumDistance(c) > 1),
        unimodularArbitrary,
        fc.double({ min: 0.8, max: 1.3, noNaN: true }),
        (c, m, scale) => {
          const back = inverse(m).map((row) => row.map(Math.round)) as Mat3;
          const other: Crystal = {
            lattice: multiply(m, c.lattice).map((v) => v.map((x) => x * scale)) as Mat3,
            species: [...c.species].reverse(),
            frac: [...c.frac].reverse().map((f) => rowTimes([f[0] + 0.1, f[1] - 0.3, f[2] + 0.7], back)),
          };
          const { match, rms } = matchStructures(c, other);
          expect(match).toBe(true);
          expect(rms).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never matches other compositions', () => {
    const { match, rms } = matchStructures(ROCKSALT, { ...ROCKSALT, species: ['Na', 'F'] });
    expect({ match, rms }).toEqual({ match: false, rms: null });
    expect(matchStructures(ROCKSALT, { ...ROCKSALT, species: ['Cl', 'Na'] }).match).toBe(true);
  });

  it('leaves its inputs as they are', () => {
    const before = structuredClone(ROCKSALT);
    matchStructures(ROCKSALT, ROCKSALT);
    expect(ROCKSALT).toEqual(before);
  });
});

describe('averaged primitive cells', () => {
  it('have the size of pymatgen, rattled supercells given', () => {
    for (const { crystal, atoms, volume: expected } of loadFixture<
      { crystal: Crystal; atoms: number; volume: number }[]
    >('primitive.json.gz')) {
      const cell = averagedPrimitiveCell(crystal);
      expect(cell.species.length).toBe(atoms);
      expect(volume(cell.lattice)).toBeCloseTo(expected, 6);
    }
  });

  it('average what they merge', () => {
    const doubled: Crystal = {
      lattice: [
        [8, 0, 0],
        [0, 5, 0],
        [0, 0, 6],
      ],
      species: ['Mg', 'Mg'],
      frac: [
        [0, 0, 0],
        [0.51, 0, 0],
      ],
    };
    const { lattice, frac } = averagedPrimitiveCell(doubled);
    expect(lattice[0]).toEqual([4, 0, 0]);
    expect(frac[0]?.[0]).toBeCloseTo(0.01, 12);
  });
});

describe('linear assignment', () => {
  it('finds the cheapest of all permutations', () => {
    const permutations = (n: number): number[][] =>
      n === 0
        ? [[]]
        : permutations(n - 1).flatMap((p) =>
            Array.from({ length: n }, (_, i) => [...p.slice(0, i), n - 1, ...p.slice(i)]),
          );
    const square = fc
      .integer({ min: 1, max: 5 })
      .chain((n) => fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: n * n, maxLength: n * n }));
    fc.assert(
      fc.property(square, (costs) => {
        const n = Math.sqrt(costs.length);
        const total = (columns: ArrayLike<number>): number =>
          Array.from(columns).reduce((sum, j, i) => sum + (costs[i * n + j] as number), 0);
        const found = linearAssignment(Float64Array.from(costs), n);
        expect([...found].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(total(found)).toBeCloseTo(Math.min(...permutations(n).map(total)), 9);
      }),
    );
  });
});
