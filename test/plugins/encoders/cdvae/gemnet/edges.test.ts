import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { neighbourList } from '../../../../../lib/crystal/neighbours.js';
import { Rng } from '../../../../../lib/random/rng.js';
import { crystalEdges } from '../../../../../plugins/encoders/cdvae/gemnet/edges.js';
import type { Crystal } from '../../../../../schemas/crystal.js';
import { caesiumChloride, copper, randomCrystal, rocksalt } from '../crystals.js';

const edgesOf = ({ lattice, frac }: Crystal, cutoff: number, neighbours: number) =>
  crystalEdges(lattice, Float64Array.from(frac.flat()), { cutoff, neighbours });

describe('the edges of a crystal', () => {
  test('take in whole shells of neighbours', () => {
    // 12 + 6 + 24 in a face-centred lattice, 6 + 12 + 8 in rocksalt, 8 + 6 + 12 in caesium chloride.
    expect(edgesOf(copper, 7, 10).count).toBe(12);
    expect(edgesOf(copper, 7, 12).count).toBe(12);
    expect(edgesOf(copper, 7, 13).count).toBe(18);
    expect(edgesOf(rocksalt('Na', 'Cl', 5.64), 7, 20).count).toBe(2 * 26);
    expect(edgesOf(caesiumChloride('Cs', 'Cl', 4.12), 7, 20).count).toBe(2 * 26);
  });

  test('end at the cutoff', () => {
    expect(edgesOf(copper, 3.6, 100).count).toBe(12);
    expect(edgesOf(copper, 2, 12).count).toBe(0);
  });

  test('come in pairs, join what is near to either end, and point at the target', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 24 }),
        (seed, n, neighbours) => {
          const crystal = randomCrystal(
            Rng.from(seed),
            Array.from({ length: n }, () => 'Si'),
          );
          const cutoff = 6;
          const edges = edgesOf(crystal, cutoff, neighbours);
          const all = neighbourList(crystal, cutoff);
          const reach = crystal.species.map((_, i) => {
            const own = Array.from(all.distance).filter((_, p) => all.source[p] === i);
            return own.length < neighbours ? cutoff : (own[neighbours - 1] as number) + 1e-3;
          });
          const wanted = Array.from(all.distance).filter(
            (d, p) => d <= Math.max(reach[all.source[p] as number] as number, reach[all.target[p] as number] as number),
          );
          expect(edges.count).toBe(wanted.length);
          for (let e = 0; e < edges.count; e++) {
            const back = edges.reverse[e] as number;
            expect(edges.reverse[back]).toBe(e);
            expect(back).not.toBe(e);
            expect(edges.source[back]).toBe(edges.target[e]);
            expect(edges.distance[back]).toBe(edges.distance[e]);
            const own = edges.direction.subarray(3 * e, 3 * e + 3);
            expect(Math.hypot(...own)).toBeCloseTo(1, 12);
            for (let k = 0; k < 3; k++) expect(edges.direction[3 * back + k]).toBe(-(own[k] as number));
            if (e > 0) expect(edges.target[e]).toBeGreaterThanOrEqual(edges.target[e - 1] as number);
          }
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  test('point from the source to the target', () => {
    const pair: Crystal = {
      lattice: [
        [9, 0, 0],
        [0, 9, 0],
        [0, 0, 9],
      ],
      species: ['H', 'F'],
      frac: [
        [0, 0, 0],
        [0.2, 0, 0],
      ],
    };
    const edges = edgesOf(pair, 3, 4);
    expect([...edges.source]).toEqual([1, 0]);
    expect([...edges.target]).toEqual([0, 1]);
    expect(edges.direction[0]).toBeCloseTo(-1, 12);
    expect(edges.direction[3]).toBeCloseTo(1, 12);
  });

  test('need a lattice with a volume', () => {
    expect(() =>
      edgesOf({ ...copper, lattice: [copper.lattice[0], copper.lattice[0], copper.lattice[2]] }, 7, 20),
    ).toThrow(expect.objectContaining({ code: 'LCOMS_E_CRYSTAL' }));
  });
});
