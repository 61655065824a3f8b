import { describe, expect, it } from 'vitest';
import { nearestDecorations } from '../../../lib/crystal/decorations.js';
import { matchStructures } from '../../../lib/crystal/matcher.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { nearestTemplates } from '../../../lib/crystal/templates.js';
import type { Crystal } from '../../../schemas/crystal.js';

const half = 0.5;
const fcc = (a: number): Crystal['lattice'] => [
  [0, a / 2, a / 2],
  [a / 2, 0, a / 2],
  [a / 2, a / 2, 0],
];
/** Half-Heusler MgAgAs type: X on 4a, Y on 4b, Z on 4c. */
const halfHeusler = (x: string, y: string, z: string): Crystal => ({
  lattice: fcc(6),
  species: [x, y, z],
  frac: [
    [0, 0, 0],
    [half, half, half],
    [0.25, 0.25, 0.25],
  ],
});
const rocksalt = (a: number, x: string, y: string): Crystal => ({
  lattice: fcc(a),
  species: [x, y],
  frac: [
    [0, 0, 0],
    [half, half, half],
  ],
});

const fluorite: Crystal = {
  lattice: fcc(5.5),
  species: ['Ca', 'F', 'F'],
  frac: [
    [0, 0, 0],
    [0.25, 0.25, 0.25],
    [0.75, 0.75, 0.75],
  ],
};

describe('decorations', () => {
  it('put the elements on the sites in every way that makes another structure, the most alike first', () => {
    const known = [halfHeusler('Ti', 'Sn', 'Ni')];
    const found = nearestDecorations(['Zr', 'Ge', 'Pd'], known, 10);
    // Six ways, two of which are one crystal each: a and b are alike.
    expect(found).toHaveLength(3);
    expect(nearestTemplates(['Zr', 'Ge', 'Pd'], known, 10)).toHaveLength(1);
    expect(found[0]?.crystal.species).toEqual(['Zr', 'Ge', 'Pd']);
    expect(new Set(found.map(({ crystal }) => crystal.species[2]))).toEqual(new Set(['Zr', 'Ge', 'Pd']));
    for (const [i, { crystal, cost, from }] of found.entries()) {
      expect(from).toBe('TiNiSn');
      expect(symmetry(crystal).number).toBe(216);
      expect(cost).toBeGreaterThanOrEqual(found[i - 1]?.cost ?? 0);
      for (const other of found.slice(0, i)) expect(matchStructures(crystal, other.crystal).match).toBe(false);
    }
    expect(nearestDecorations(['Zr', 'Ge', 'Pd'], known, 2)).toEqual(found.slice(0, 2));
  });

  it('take one of the crystals of a type, and any where the numbers fit no orbits', () => {
    const known = [rocksalt(4.2, 'Ca', 'O'), rocksalt(5.6, 'Na', 'Cl'), halfHeusler('Ti', 'Sn', 'Ni')];
    expect(nearestDecorations(['Mg', 'O'], known, 10).map(({ from }) => from)).toEqual(['CaO']);
    // Fluorite has orbits of one and of two atoms: of ABC two are put where they come.
    const three = nearestDecorations(['Li', 'Ca', 'F'], [fluorite], 10);
    expect(three).toHaveLength(1);
    expect(three[0]?.crystal.species.toSorted()).toEqual(['Ca', 'F', 'Li']);
    expect(nearestDecorations(['Mg'], known, 10)).toEqual([]);
  });
});
