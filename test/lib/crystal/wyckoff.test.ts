import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { determinant } from '../../../lib/crystal/lattice.js';
import { spaceGroup } from '../../../lib/crystal/space-group.js';
import { isFree, orbit, parseTriplet, representative } from '../../../lib/crystal/wyckoff.js';
import { type WyckoffCombination, WyckoffCombinations } from '../../../lib/crystal/wyckoff-combinations.js';
import { Rng } from '../../../lib/random/rng.js';
import type { Composition, Vec3 } from '../../../schemas/crystal.js';
import { loadFixture } from './fixtures.js';

interface Fixture {
  /** Space group -> letter, multiplicity, degrees of freedom. */
  positions: Record<string, [string, number, number][]>;
  combinations: { number: number; counts: number[]; ways: string[] }[];
}
const { positions, combinations } = loadFixture<Fixture>('wyckoff.json.gz');
const NUMBERS = Array.from({ length: 230 }, (_, i) => i + 1);
const ELEMENTS = ['Mg', 'O', 'Ti'];
const compositionOf = (counts: number[]): Composition =>
  Object.fromEntries(counts.map((n, i) => [ELEMENTS[i] as string, n]));
const written = (way: WyckoffCombination): string =>
  Object.values(way)
    .map((letters) => letters.join(''))
    .join('/');

describe('space groups', () => {
  it('have the Wyckoff positions of PyXtal, with as many free coordinates', () => {
    for (const n of NUMBERS) {
      const found = spaceGroup(n).positions.map(({ letter, multiplicity, free }) => [
        letter,
        multiplicity,
        free.filter(Boolean).length,
      ]);
      expect(found, `group ${n}`).toEqual(positions[n]);
    }
  });

  it('make of a site on each position as many as its multiplicity', () => {
    const rng = Rng.from('sites');
    for (const n of NUMBERS) {
      const group = spaceGroup(n);
      expect(group.operations.length).toBe(group.positions.at(-1)?.multiplicity);
      for (const position of group.positions) {
        const site = representative(position, [rng.uniform(), rng.uniform(), rng.uniform()]);
        expect(orbit(site, group.operations), `${n}${position.letter}`).toHaveLength(position.multiplicity);
      }
    }
  });

  it('have primitive cells whose vectors are centring translations', () => {
    for (const n of NUMBERS) {
      const { primitive, centring, operations } = spaceGroup(n);
      expect(determinant(primitive) * centring).toBeCloseTo(1, 12);
      const shifts = operations.filter(({ rotation }) => rotation.flat().join() === '1,0,0,0,1,0,0,0,1');
      expect(shifts).toHaveLength(centring);
      for (const row of primitive) {
        const whole = (t: Vec3) =>
          row.every((x, k) => Math.abs(x - (t[k] as number) - Math.round(x - (t[k] as number))) < 1e-9);
        expect(
          shifts.some(({ translation }) => whole(translation)),
          `group ${n}`,
        ).toBe(true);
      }
    }
  });

  it('are numbered from 1 to 230', () => {
    for (const n of [0, 231, 1.5, Number.NaN])
      expect(() => spaceGroup(n)).toThrow(expect.objectContaining({ code: 'LCOMS_E_INPUT' }));
  });

  it('have coordinates that are read with every sign, factor and fraction', () => {
    const { matrix, offset, free } = parseTriplet('-x+2y,1/4-z,3/8');
    expect(matrix).toEqual([
      [-1, 2, 0],
      [0, 0, -1],
      [0, 0, 0],
    ]);
    expect(offset).toEqual([0, 0.25, 0.375]);
    expect(free).toEqual([true, true, true]);
    expect(() => parseTriplet('x,y,q')).toThrow(/no coordinate triplet/);
  });
});

describe('Wyckoff combinations', () => {
  it('are those of PyXtal for 100 compositions', () => {
    expect(combinations).toHaveLength(100);
    for (const { number, counts, ways } of combinations) {
      const found = new WyckoffCombinations(spaceGroup(number), compositionOf(counts));
      expect([...found].map(written).sort(), `${number} ${counts}`).toEqual(ways);
      expect(found.size).toBe(ways.length);
    }
  });

  it('can be had by their number in the order of the list', () => {
    for (const { number, counts } of combinations.slice(0, 40)) {
      const all = new WyckoffCombinations(spaceGroup(number), compositionOf(counts));
      expect(Array.from({ length: all.size }, (_, k) => all.at(k))).toEqual([...all]);
      expect(() => all.at(all.size)).toThrow(RangeError);
    }
  });

  it('hold the atoms asked for, take single sites once, and are drawn alike', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 230 }), counts, fc.integer(), (n, wanted, seed) => {
        const group = spaceGroup(n);
        const all = new WyckoffCombinations(group, compositionOf(wanted));
        if (all.size === 0) {
          expect(() => all.random(Rng.from(seed))).toThrow(RangeError);
          return;
        }
        const way = all.random(Rng.from(seed));
        expect(way).toEqual(all.random(Rng.from(seed)));
        const of = (letter: string) => group.positions.find((p) => p.letter === letter);
        const atoms = Object.values(way).map((ls) => ls.reduce((sum, l) => sum + (of(l)?.atoms ?? 0), 0));
        expect(atoms).toEqual(wanted);
        const single = Object.values(way)
          .flat()
          .filter((l) => !isFree(of(l) ?? { free: [true, true, true] }));
        expect(new Set(single).size).toBe(single.length);
      }),
      { numRuns: 150 },
    );
  });

  it('are drawn with equal chances', () => {
    const all = new WyckoffCombinations(spaceGroup(2), { Mg: 1, O: 2 });
    const rng = Rng.from('chances');
    const seen = new Map<string, number>();
    const draws = 200 * all.size;
    for (let i = 0; i < draws; i++) {
      const way = written(all.random(rng));
      seen.set(way, (seen.get(way) ?? 0) + 1);
    }
    expect(seen.size).toBe(all.size);
    // Each count is 200 within five standard deviations.
    for (const [way, n] of seen) expect(Math.abs(n - 200), way).toBeLessThan(5 * Math.sqrt(200));
  });

  it('are counted, not listed: large cells answer at once', () => {
    const all = new WyckoffCombinations(spaceGroup(47), { Ca: 12, Ti: 12, O: 36 });
    expect(all.size).toBeGreaterThan(1e9);
    const [first] = all;
    expect(all.at(0)).toEqual(first);
    expect(Object.keys(all.random(Rng.from(1)))).toEqual(['Ca', 'Ti', 'O']);
  });
});
