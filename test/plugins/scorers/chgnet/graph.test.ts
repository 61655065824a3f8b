import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neighbourList } from '../../../../lib/crystal/neighbours.js';
import { Rng } from '../../../../lib/random/rng.js';
import { randomCrystal } from '../../../../lib/relax/random-start.js';
import { ATOM_CUTOFF, BOND_CUTOFF, buildGraph } from '../../../../plugins/scorers/chgnet/graph.js';
import type { Crystal, Mat3 } from '../../../../schemas/crystal.js';

/** Random crystals, in skewed descriptions of their lattices and with atoms outside of the cell. */
const crystals = fc
  .tuple(
    fc.integer(),
    fc.array(fc.constantFrom('Li', 'O', 'Cs'), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map(([seed, species, shear]): Crystal => {
    const crystal = randomCrystal(species, Rng.from(seed));
    const [a, b, c] = crystal.lattice;
    const lattice: Mat3 = [a, [b[0] + shear * a[0], b[1] + shear * a[1], b[2] + shear * a[2]], c];
    return { ...crystal, lattice, frac: crystal.frac.map(([x, y, z]) => [x - shear * y + 2, y, z - 5]) };
  });

describe("CHGNet's graphs", () => {
  it('hold the edges that the neighbour list has, in both directions', () => {
    fc.assert(
      fc.property(crystals, (crystal) => {
        const graph = buildGraph(crystal);
        const list = neighbourList(crystal, ATOM_CUTOFF);
        const key = (i: number, j: number, d: number) => `${i} ${j} ${d.toFixed(6)}`;
        const ours = [...graph.source].map((i, e) =>
          key(i, graph.target[e] as number, Math.hypot(...graph.vectors.subarray(3 * e, 3 * e + 3))),
        );
        const theirs = [...list.source].map((i, p) => key(i, list.target[p] as number, list.distance[p] as number));
        expect(ours.sort()).toEqual(theirs.sort());
        for (let e = 0; e < graph.source.length; e += 2) {
          expect(graph.source[e]).toBe(graph.target[e + 1]);
          for (let k = 0; k < 3; k++)
            expect((graph.vectors[3 * e + k] as number) + (graph.vectors[3 * e + 3 + k] as number)).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('hold every ordered pair of bonds that leave one atom', () => {
    fc.assert(
      fc.property(crystals, (crystal) => {
        const graph = buildGraph(crystal);
        const bonds = new Array<number>(graph.atoms).fill(0);
        graph.source.forEach((i, e) => {
          if (Math.hypot(...graph.vectors.subarray(3 * e, 3 * e + 3)) <= BOND_CUTOFF)
            bonds[i] = (bonds[i] as number) + 1;
        });
        expect(graph.angleAtom.length).toBe(bonds.reduce((sum, n) => sum + n * (n - 1), 0));
        const seen = new Set<string>();
        graph.angleAtom.forEach((i, k) => {
          const [first, second] = [graph.angleFirst[k] as number, graph.angleSecond[k] as number];
          expect(first).not.toBe(second);
          expect(graph.source[first]).toBe(i);
          expect(graph.source[second]).toBe(i);
          seen.add(`${first} ${second}`);
        });
        expect(seen.size).toBe(graph.angleAtom.length);
      }),
      { numRuns: 40 },
    );
  });
});
