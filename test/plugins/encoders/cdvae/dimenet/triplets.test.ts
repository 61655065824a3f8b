import { describe, expect, test } from 'vitest';
import { Rng } from '../../../../../lib/random/rng.js';
import { batchLayout, harmonicMatrices } from '../../../../../plugins/encoders/cdvae/dimenet/batch-layout.js';
import { crystalEdges } from '../../../../../plugins/encoders/cdvae/dimenet/edges.js';
import { PAPER_DIMENET } from '../../../../../plugins/encoders/cdvae/dimenet/options.js';
import { crystalTriplets } from '../../../../../plugins/encoders/cdvae/dimenet/triplets.js';
import { copper, randomCrystal, rocksalt, rutile } from '../crystals.js';
import { reference } from './reference.js';

describe('edges', () => {
  test('are as many as the reference finds, and so are triplets', () => {
    for (const crystal of reference.crystals) {
      const edges = crystalEdges(crystal, PAPER_DIMENET);
      expect([edges.count, crystalTriplets(edges).count]).toEqual([crystal.edges, crystal.triplets]);
    }
  });

  test('stop at whole shells: 6 + 12 in rocksalt, 12 + 6 in copper', () => {
    for (const crystal of [rocksalt('Na', 'Cl', 5.64), copper]) {
      const { count, first, distance, atoms } = crystalEdges(crystal, PAPER_DIMENET);
      expect(count).toBe(18 * atoms);
      expect([...first]).toEqual(Array.from({ length: atoms + 1 }, (_, i) => 18 * i));
      expect(new Set(Array.from(distance, (d) => d.toFixed(6))).size).toBe(2);
    }
  });

  test('cut a first shell that is larger than the limit', () => {
    expect(crystalEdges(copper, { ...PAPER_DIMENET, neighbours: 5 }).count).toBe(5);
  });

  test('are none where nothing is near', () => {
    const lattice = [
      [20, 0, 0],
      [0, 20, 0],
      [0, 0, 20],
    ] as [[number, number, number], [number, number, number], [number, number, number]];
    const edges = crystalEdges({ lattice, species: ['He'], frac: [[0, 0, 0]] }, PAPER_DIMENET);
    expect([edges.count, crystalTriplets(edges).count]).toEqual([0, 0]);
  });
});

describe('triplets', () => {
  test('go from other images of the receiver, but not back', () => {
    // One atom: every edge and every neighbour is an image of it.
    const edges = crystalEdges(copper, PAPER_DIMENET);
    const { count, incoming, outgoing, cosine } = crystalTriplets(edges);
    expect(count).toBe(18 * 17);
    const step = (e: number) => edges.vector.subarray(3 * e, 3 * e + 3);
    for (let t = 0; t < count; t++) {
      const [there, on] = [step(outgoing[t] as number), step(incoming[t] as number)];
      expect(Math.hypot(...there.map((x, k) => x + (on[k] as number)))).toBeGreaterThan(1);
      expect(cosine[t]).toBeGreaterThan(-1 + 1e-9);
    }
    // Twelve nearest neighbours: straight on, 60, 90 and 120 degrees.
    const near = Array.from(cosine).filter((_, t) => (incoming[t] as number) < 12 && (outgoing[t] as number) < 12);
    expect([...new Set(near.map((c) => (c + 1e-9).toFixed(3)))].sort()).toEqual(['-0.500', '0.000', '0.500', '1.000']);
  });

  test('share the atom in the middle', () => {
    const crystal = randomCrystal(Rng.from('triplets'), ['Na', 'Cl', 'O', 'Mg']);
    const edges = crystalEdges(crystal, PAPER_DIMENET);
    const { count, incoming, outgoing } = crystalTriplets(edges);
    for (let t = 0; t < count; t++)
      expect(edges.receiver[incoming[t] as number]).toBe(edges.sender[outgoing[t] as number]);
    const pairs = new Set(Array.from(incoming, (e, t) => `${e} ${outgoing[t]}`));
    expect(pairs.size).toBe(count);
  });
});

test('a batch has one row an edge and a harmonic where there is a triplet', () => {
  const crystals = [rutile, copper, rocksalt('Na', 'Cl', 5.64)];
  const edges = crystals.map((c) => crystalEdges(c, PAPER_DIMENET));
  const layout = batchLayout(edges);
  expect([layout.atoms, [...layout.offsets]]).toEqual([9, [0, 6, 7]]);
  const rows = layout.rows.flatMap((of) => [...of]);
  expect(new Set(rows).size).toBe(edges.reduce((sum, e) => sum + e.count, 0));
  const places = rows.map((row) => layout.place[row] as number);
  expect(new Set(places).size).toBe(rows.length);
  const harmonics = harmonicMatrices(
    edges.map((e) => ({ edges: e })),
    layout,
    1,
  );
  const constant = Math.fround(Math.sqrt(1 / (4 * Math.PI)));
  expect(harmonics.filter((v) => v === constant)).toHaveLength(
    edges.reduce((sum, e) => sum + crystalTriplets(e).count, 0),
  );
  expect(harmonics.every((v) => v === constant || v === 0)).toBe(true);
});
