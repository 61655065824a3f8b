import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covalentRadius } from '../../../lib/crystal/element-data.js';
import { volume } from '../../../lib/crystal/lattice.js';
import { minimumDistanceRatio } from '../../../lib/crystal/neighbours.js';
import { niggliReduce } from '../../../lib/crystal/niggli.js';
import { symmetry } from '../../../lib/crystal/symmetry.js';
import { Rng } from '../../../lib/random/rng.js';
import { StructureSpace } from '../../../lib/search/structure-space.js';
import { largestGap } from '../../../lib/search/vacuum-gap.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';

const pointOf = (space: StructureSpace, rng: Rng): number[] =>
  Array.from(space.lower, (low, j) => low + rng.uniform() * ((space.upper[j] as number) - low));

describe.each([
  ['MgO', ['Mg', 'O']],
  ['TiO2', ['Ti', 'Ti', 'O', 'O', 'O', 'O']],
  ['CaTiO3', ['Ca', 'Ti', 'O', 'O', 'O']],
])('structures of %s', (_, species) => {
  const space = new StructureSpace(species);

  it('have the atoms asked for, keep the limits, and have the group they were made in or a supergroup', () => {
    let made = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const found = space.at(pointOf(space, Rng.from(seed)));
        if ('rejected' in found) return;
        made += 1;
        const { crystal } = found;
        expect([...crystal.species].sort()).toEqual([...species].sort());
        expect(minimumDistanceRatio(crystal)).toBeGreaterThanOrEqual(0.4);
        expect(largestGap(crystal)).toBeLessThanOrEqual(7);
        const spheres = species.reduce((sum, e) => sum + (4 / 3) * Math.PI * covalentRadius(e) ** 3, 0);
        const filled = volume(crystal.lattice) / spheres;
        expect(filled).toBeGreaterThan(0.4 - 1e-9);
        expect(filled).toBeLessThan(2.4 + 1e-9);
        expect(symmetry(crystal, 1e-4).number).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
    // A search that is refused nearly always learns nothing.
    expect(made).toBeGreaterThan(30);
  });

  it('are the same at the same point, and exist at every corner or say why not', () => {
    const point = pointOf(space, Rng.from('same'));
    expect(space.at(point)).toEqual(new StructureSpace(species).at([...point]));
    for (const corner of [space.lower, space.upper]) {
      const found = space.at(corner);
      expect('rejected' in found || found.crystal.species.length === species.length).toBe(true);
    }
  });
});

describe('rock salt', () => {
  it('is a point of the space of MgO', () => {
    const space = new StructureSpace(['Mg', 'O']);
    const groups = space.spaceGroups;
    const point = [...space.lower];
    point[0] = (groups.indexOf(225) + 0.5) / groups.length;
    point[2] = 1.2;
    point[3] = 0;
    point[4] = 0;
    const all = Array.from({ length: 50 }, (_, k) => {
      point[1] = (k + 0.5) / 50;
      return space.at(point);
    });
    const crystals = all.flatMap((found) => ('rejected' in found ? [] : [symmetry(found.crystal, 1e-3)]));
    expect(crystals.map(({ number }) => number)).toContain(225);
  });

  it('needs atoms and a range of volumes', () => {
    expect(() => new StructureSpace([])).toThrow(/at least one atom/);
    expect(() => new StructureSpace(['Mg'], { volumeRange: [2, 1] })).toThrow(/2 to 1 is empty/);
  });

  it('takes its own crystals in any cell, and says why others are none', () => {
    const space = new StructureSpace(['Mg', 'O']);
    const rng = Rng.from('refusal');
    const found = Array.from({ length: 200 }, () => space.at(pointOf(space, rng)));
    for (const one of found) if ('crystal' in one) expect(space.refusal(one.crystal)).toBeNull();
    const salt = found.find((one) => 'crystal' in one) as { crystal: Crystal };
    const { lattice, frac } = salt.crystal;
    const scaled = (by: number) => ({ ...salt.crystal, lattice: lattice.map((v) => v.map((x) => by * x)) as Mat3 });
    expect(space.refusal(niggliReduce(salt.crystal))).toBeNull();
    expect(space.refusal({ ...salt.crystal, species: ['Mg', 'S'] })).toBe('other atoms');
    expect(space.refusal(scaled(3))).toBe('volume');
    expect(space.refusal({ ...salt.crystal, frac: [frac[0] as Vec3, frac[0] as Vec3] })).toBe('atoms too near');
    expect(space.refusal(scaled(Number.NaN))).toBe('not finite');
  });

  it('searches the groups given, and names a composition that none of them can hold', () => {
    expect(new StructureSpace(['Mg', 'O'], { spaceGroups: [1, 225] }).spaceGroups).toEqual([1, 225]);
    // Every position of Pnma holds four atoms or more.
    expect(() => new StructureSpace(['Mg', 'O'], { spaceGroups: [62] })).toThrow(
      /no Wyckoff combination of the space groups 62 holds 2 atoms of MgO/,
    );
  });
});
