import { describe, expect, it } from 'vitest';
import { StructureSpace } from '../../../lib/search/structure-space.js';
import type { Ask, Search, SearchResult, SearchSpace } from '../../../plugins/contract/optimizer.js';
import { guardSearch } from '../../../plugins/optimizers/guard-search.js';
import type { Crystal, Mat3, Vec3 } from '../../../schemas/crystal.js';
import { box } from './drive.js';

const space = box(2);

/** A search that asks for and gives whatever it is told to. */
function guarded(ask: Partial<Ask>, result: Partial<SearchResult> = {}, gradients = false): Search {
  const search: Search = {
    ask: () => ({ points: Float32Array.of(0, 0), gradients: false, ...ask }),
    tell: () => undefined,
    result: () => ({
      points: Float32Array.of(0, 0),
      values: Float32Array.of(1),
      trace: [Float32Array.of(1)],
      ...result,
    }),
    evaluations: 7,
    state: () => Uint8Array.of(1, 2),
  };
  return guardSearch(search, space, { optimizer: 'optimizer/faulty', starts: 1, gradients });
}

const points = (...numbers: number[]) => ({ points: Float32Array.from(numbers) });
const fault = (message: RegExp) =>
  expect.objectContaining({ code: 'LCOMS_E_PLUGIN_INVALID', message: expect.stringMatching(message) });

describe('a guarded search', () => {
  it('passes on what is sound, points in single precision at bounds in double among it', () => {
    const search = guarded(points(3, -3, Math.fround(3.0000001), 0));
    expect(search.ask()?.points).toHaveLength(4);
    expect(search.result().values).toEqual(Float32Array.of(1));
    expect(search.evaluations).toBe(7);
    expect(search.state()).toEqual(Uint8Array.of(1, 2));
  });

  it.each<[string, Partial<Ask>, RegExp]>([
    ['outside', points(0, 0, 0, 3.1), /optimizer\/faulty asked for .* coordinate 1 of point 1 is 3\.09.*, not -3 to 3/],
    ['NaN', points(Number.NaN, 0), /coordinate 0 of point 0 is NaN/],
    ['half a point', points(0, 0, 0), /3 numbers, which are not whole points of dimension 2/],
    ['nothing', points(), /0 numbers/],
    ['gradients', { gradients: true }, /gradients, which its capabilities do not declare/],
  ])('names the plugin that asks for what is wrong: %s', (_, ask, message) => {
    expect(() => guarded(ask).ask()).toThrow(fault(message));
  });

  it.each<[string, Partial<SearchResult>, RegExp]>([
    ['outside', points(-4, 0), /gives a point outside the bounds/],
    ['NaN', points(0, Number.NaN), /coordinate 1 of point 0 is NaN/],
    ['a row too many', points(0, 0, 0, 0), /gives 2 points, 1 values and 1 traces for 1 starts/],
    ['no trace', { trace: [] }, /0 traces/],
  ])('names the plugin that gives what is wrong: %s', (_, result, message) => {
    expect(() => guarded({}, result).result()).toThrow(fault(message));
  });

  it('lets descent along gradients leave the box, and a start without any success lie outside it', () => {
    expect(guarded({ ...points(9, 9), gradients: true }, points(9, 9), true).ask()?.points[0]).toBe(9);
    expect(guarded({}, { ...points(9, 9), values: Float32Array.of(Number.NaN) }).result().points[0]).toBe(9);
    expect(() => guarded(points(Number.POSITIVE_INFINITY, 0), {}, true).ask()).toThrow(fault(/Infinity/));
  });
});

describe('a guarded search that asks for crystals', () => {
  const structures = new StructureSpace(['Na', 'Cl']);
  const salt: Crystal = {
    lattice: [
      [0, 2.8, 2.8],
      [2.8, 0, 2.8],
      [2.8, 2.8, 0],
    ],
    species: ['Na', 'Cl'],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
  };
  const asking = (ask: Partial<Ask>, result: Partial<SearchResult> = {}, where: SearchSpace = structures) =>
    guardSearch(
      {
        ask: () => ({ points: new Float32Array(0), gradients: false, crystals: [salt], ...ask }),
        tell: () => undefined,
        result: () => ({
          points: new Float32Array(0),
          values: Float32Array.of(1),
          trace: [Float32Array.of(1)],
          crystals: [salt],
          ...result,
        }),
        evaluations: 0,
        counts: { repaired: 3 },
        state: () => new Uint8Array(0),
      },
      where,
      { optimizer: 'optimizer/faulty', starts: 1, gradients: false },
    );

  it('passes on crystals of the space, and what the search counts', () => {
    expect(asking({}).ask()?.crystals).toEqual([salt]);
    expect(asking({}).result().crystals).toEqual([salt]);
    expect(asking({}).counts).toEqual({ repaired: 3 });
  });

  it.each<[string, Crystal, RegExp]>([
    ['other atoms', { ...salt, species: ['Na', 'Na'] }, /none of the space: other atoms in crystal 0/],
    ['NaN', { ...salt, frac: [[Number.NaN, 0, 0], salt.frac[1] as Vec3] }, /not finite in crystal 0/],
    [
      'too near',
      {
        ...salt,
        frac: [
          [0, 0, 0],
          [0.01, 0, 0],
        ],
      },
      /atoms too near in crystal 0/,
    ],
    ['too dense', { ...salt, lattice: salt.lattice.map((v) => v.map((x) => x / 3)) as Mat3 }, /volume in crystal 0/],
  ])('names the plugin that asks for what is none: %s', (_, crystal, message) => {
    expect(() => asking({ crystals: [crystal] }).ask()).toThrow(fault(message));
  });

  it('names the plugin that asks for nothing, for both, in a space without crystals, or gives too few', () => {
    expect(() => asking({ crystals: [] }).ask()).toThrow(fault(/0 crystals and 0 numbers/));
    expect(() => asking(points(0, 0)).ask()).toThrow(fault(/one of the two/));
    expect(() => asking({}, {}, space).ask()).toThrow(fault(/crystals in a latent space, which has none/));
    expect(() => asking({}, { crystals: [] }).result()).toThrow(fault(/gives 0 crystals, 1 values/));
  });
});
