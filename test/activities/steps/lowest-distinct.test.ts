import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../../activities/steps/context.js';
import { lowestDistinct } from '../../../activities/steps/lowest-distinct.js';
import { lennardJonesScorer } from '../../../plugins/scorers/lennard-jones/potential.js';
import type { Crystal, Mat3 } from '../../../schemas/crystal.js';

const scorer = lennardJonesScorer({ epsilon: 0.5, sigma: 3.4, elements: {}, cutoff: 8, switchFrom: 0.66 });
const context = { signal: new AbortController().signal, tick: () => undefined } as unknown as StepContext;
const argon = (lattice: Mat3): Crystal => ({ lattice, species: ['Ar'], frac: [[0, 0, 0]] });
const fcc = (a: number) =>
  argon([
    [0, a / 2, a / 2],
    [a / 2, 0, a / 2],
    [a / 2, a / 2, 0],
  ]);
const simple = (a: number) =>
  argon([
    [a, 0, 0],
    [0, a, 0],
    [0, 0, a],
  ]);

describe('the lowest crystals that are different', () => {
  it('are in the order of their energies, one of those that are alike, and no broken one', async () => {
    const overlapping = simple(0.9);
    const crystals = [simple(3.9), fcc(5.3), overlapping, fcc(5.3001), simple(3.7)];
    const chosen = await lowestDistinct(context, scorer, crystals, 3);
    expect(chosen[0]?.index === 1 || chosen[0]?.index === 3).toBe(true);
    expect(chosen.slice(1).map(({ index }) => index)).toEqual([4, 0]);
    for (const [i, one] of chosen.entries())
      expect(one.energyPerAtom).toBeGreaterThanOrEqual(chosen[i - 1]?.energyPerAtom ?? Number.NEGATIVE_INFINITY);
    expect(await lowestDistinct(context, scorer, crystals, 1)).toEqual(chosen.slice(0, 1));
    expect(await lowestDistinct(context, scorer, [overlapping], 3)).toEqual([]);
  });
});
