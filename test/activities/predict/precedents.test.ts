import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankingEnergy, supportOf } from '../../../activities/predict/precedents.js';
import type { Template } from '../../../activities/predict/sources/templates.js';
import { STRUCTURE_TYPES } from '../../../lib/prototypes/index.js';
import { crystalOf } from '../../../lib/prototypes/structure-type.js';
import { prototypeStarts } from '../../../plugins/datasets/simulated/prototypes.js';
import type { Composition, Crystal } from '../../../schemas/crystal.js';

const MgO: Composition = { Mg: 1, O: 1 };

/** A compound in one of the structures of Hart et al.: B1 rock salt, B2 caesium chloride, B3 zinc blende. */
function inStructure(type: string, composition: Composition): Crystal {
  const found = prototypeStarts(composition).find(({ name }) => name === type);
  if (!found) throw new Error(`no ${type}`);
  return found.crystal;
}
const template = (name: string, type: string, composition: Composition): Template => ({
  name,
  crystal: inStructure(type, composition),
});

const [rocksalt, caesium, zincblende] = ['B1', 'B2', 'B3'].map((type) => inStructure(type, MgO)) as [
  Crystal,
  Crystal,
  Crystal,
];
const CaO = template('CaO', 'B1', { Ca: 1, O: 1 });
const SrS = template('SrS', 'B1', { Sr: 1, S: 1 });
const CsCl = template('CsCl', 'B2', { Cs: 1, Cl: 1 });
const BN = template('BN', 'B3', { B: 1, N: 1 });

describe('precedents', () => {
  test('each known crystal speaks for its own structure type, the more similar the louder', () => {
    const supports = supportOf(MgO, [zincblende, rocksalt, caesium], [CsCl, SrS, BN, CaO]);
    // Both ways to put Mg and O into each.
    expect(supports.map(({ count }) => count)).toEqual([2, 4, 2]);
    const [few, rocks, salts] = supports.map(({ share }) => share) as [number, number, number];
    expect(rocks).toBeGreaterThan(0.1);
    expect(Math.max(few, salts)).toBeLessThan(0.001);
    const without = supportOf(MgO, [zincblende, rocksalt, caesium], [CsCl, SrS, BN]);
    expect(without[1]?.share).toBeLessThan(rocks / 10);
  });

  test('the compound itself, when it is known, outweighs all others', () => {
    const known = template('MgO', 'B3', MgO);
    const [other, own] = supportOf(MgO, [rocksalt, zincblende], [CaO, SrS, known]);
    expect(own?.share).toBeGreaterThan(other?.share as number);
  });

  test('other stoichiometries say nothing, nor does a structure that nobody has', () => {
    const fluorite = STRUCTURE_TYPES.find(({ name }) => name === 'fluorite');
    if (!fluorite) throw new Error('no fluorite');
    expect(supportOf(MgO, [rocksalt], [{ name: 'CaF2', crystal: crystalOf(fluorite) }])).toEqual([
      { count: 0, share: 0 },
    ]);
    expect(supportOf(MgO, [caesium], [CaO])).toEqual([{ count: 0, share: 0 }]);
    expect(supportOf(MgO, [], [CaO])).toEqual([]);
  });

  test('distant precedents alone are no certainty', () => {
    expect(supportOf(MgO, [zincblende], [BN])[0]?.share).toBeLessThan(0.1);
  });

  test('shares are positive, sum to less than one, and follow their structures whatever the order', () => {
    const all = [rocksalt, caesium, zincblende];
    const known = [CaO, SrS, CsCl, BN];
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2]), fc.subarray(known, { minLength: 1 }), (order, templates) => {
        const supports = supportOf(
          MgO,
          order.map((i) => all[i] as Crystal),
          templates,
        );
        expect(supports.reduce((sum, { share }) => sum + share, 0)).toBeLessThan(1);
        expect(supports.every(({ share, count }) => share >= 0 && share > 0 === count > 0)).toBe(true);
        const sorted = [...order].sort();
        const again = supportOf(
          MgO,
          sorted.map((i) => all[i] as Crystal),
          templates,
        );
        expect(sorted.map((i) => supports[order.indexOf(i)])).toEqual(again);
      }),
      // An order whose shares once differed in their last bit.
      {
        numRuns: 30,
        examples: [
          [
            [2, 0],
            [CaO, SrS, BN],
          ],
        ],
      },
    );
  });

  test('are worth some tens of meV/atom, and no more', () => {
    const all = { count: 9, share: 1 };
    const none = { count: 0, share: 0 };
    expect(rankingEnergy(-5, all)).toBeLessThan(rankingEnergy(-5.05, none));
    expect(rankingEnergy(-5, all)).toBeGreaterThan(rankingEnergy(-5.07, none));
    expect(rankingEnergy(-5, none)).toBeLessThan(rankingEnergy(-4.99, none));
  });
});
