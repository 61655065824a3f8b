import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridOf, pieceAt } from '../../../activities/sweep/axes.js';
import { countPoints, pointsOf } from '../../../activities/sweep/points.js';
import { type Axis, axisSchema, resolvedSweepSchema } from '../../../schemas/sweep.js';

const axis = (given: unknown): Axis => axisSchema.parse(given);
const sweep = (given: Record<string, unknown>) =>
  resolvedSweepSchema.parse({ apiVersion: 1, kind: 'sweep', name: 's', base: { seed: 3 }, ...given });
const all = (given: Record<string, unknown>) => [...pointsOf(sweep(given))];

describe('a grid', () => {
  test('has every combination, the first axis slowest', () => {
    const given = {
      axes: [
        { path: 'tries', values: [1, 2] },
        { path: 'seed', values: ['a', null, [3]] },
      ],
    };
    expect(countPoints(sweep(given), 'f')).toBe(6);
    expect(all(given)).toEqual([
      { tries: 1, seed: 'a' },
      { tries: 1, seed: null },
      { tries: 1, seed: [3] },
      { tries: 2, seed: 'a' },
      { tries: 2, seed: null },
      { tries: 2, seed: [3] },
    ]);
  });

  test('of ranges takes both ends; whole numbers come once each', () => {
    const values = (given: object) => gridOf(axis({ path: 'x', ...given })).map(({ x }) => x);
    expect(values({ range: [0.001, 10], scale: 'log', steps: 5 })).toEqual([0.001, 0.01, 0.1, 1, 10]);
    expect(values({ range: [-1, 1], steps: 3 })).toEqual([-1, 0, 1]);
    expect(values({ range: [2, 5], integer: true })).toEqual([2, 3, 4, 5]);
    expect(values({ range: [1, 4], integer: true, scale: 'log', steps: 9 })).toEqual([1, 2, 3, 4]);
  });

  test('moves zipped paths together, and leaves out axes whose condition does not hold', () => {
    const given = {
      axes: [
        {
          zip: [
            { path: 'a', values: [1, 2] },
            { path: 'b', values: ['x', 'y'] },
          ],
        },
        { path: 'c', values: [10, 20], when: { a: 2 } },
        { path: 'd', values: [0], when: { seed: [3, 4], b: 'x' } },
      ],
    };
    expect(all(given)).toEqual([
      { a: 1, b: 'x', d: 0 },
      { a: 2, b: 'y', c: 10 },
      { a: 2, b: 'y', c: 20 },
    ]);
    expect(countPoints(sweep(given), 'f')).toBe(3);
  });

  test.each([
    ['no values', { axes: [{ path: 'tries', values: [] }] }, 'the grid is empty'],
    ['nothing', {}, 'nothing varies'],
    ['a range without steps', { axes: [{ path: 'x', range: [0, 1] }] }, 'give steps'],
    [
      'a path twice',
      {
        axes: [
          { path: 'x', values: [1] },
          { path: 'x', values: [2] },
        ],
      },
      'two axes set x',
    ],
    ['axes and points', { axes: [{ path: 'x', values: [1] }], points: [{ x: 1 }] }, 'not both'],
    [
      'a milliard points',
      { axes: ['a', 'b', 'c'].map((path) => ({ path, range: [1, 1000], integer: true })) },
      'the sweep has 1000000000 points; a sweep holds at most 20000 trials',
    ],
    [
      'a milliard points with conditions',
      { axes: ['a', 'b', 'c'].map((path) => ({ path, range: [1, 1000], integer: true, when: { seed: 3 } })) },
      'the sweep has over 20000 (at most 1000000000) points',
    ],
    [
      'too many seeds',
      { axes: [{ path: 'a', range: [1, 9000], integer: true }], seeds: [1, 2, 3] },
      '9000 points with 3 seeds',
    ],
  ])('refuses %s', (_, given, message) => {
    expect(() => countPoints(sweep(given), 'sweep.yaml')).toThrow(message);
  });
});

describe('points that are drawn', () => {
  const axes = [
    { path: 'lr', range: [1e-5, 1e-1], scale: 'log' },
    { path: 'n', range: [1, 6], integer: true },
    { path: 'kind', values: ['a', 'b', 'c'] },
  ];

  test.each(['random', 'sobol', 'halton'])(
    '%s stays inside, is the same again, and begins the longer one',
    (method) => {
      const points = all({ axes, search: { method, points: 64 } });
      expect(points).toEqual(all({ axes, search: { method, points: 64 } }));
      expect(points).toEqual(all({ axes, search: { method, points: 100 } }).slice(0, 64));
      for (const { lr, n, kind } of points as { lr: number; n: number; kind: string }[]) {
        expect(lr).toBeGreaterThanOrEqual(1e-5);
        expect(lr).toBeLessThanOrEqual(1e-1);
        expect([1, 2, 3, 4, 5, 6]).toContain(n);
        expect(['a', 'b', 'c']).toContain(kind);
      }
      for (const kind of ['a', 'b', 'c']) {
        const share = points.filter((point) => point['kind'] === kind).length;
        expect(share, kind).toBeGreaterThan(64 / 3 - 12);
      }
      // Log-uniform: as many below the geometric middle as above.
      const low = points.filter((point) => (point['lr'] as number) < 1e-3).length;
      expect(Math.abs(low - 32)).toBeLessThanOrEqual(10);
    },
  );

  test('random depends on its seed, and an axis more leaves the others', () => {
    const search = { method: 'random', points: 5 };
    expect(all({ axes, search: { ...search, seed: 1 } })).not.toEqual(all({ axes, search }));
    const more = all({ axes: [{ path: 'z', range: [0, 1] }, ...axes], search });
    expect(more.map(({ z: _, ...rest }) => rest)).toEqual(all({ axes, search }));
  });
});

test('a piece at any place of the unit interval is a value of its axis, each with its share', () => {
  const whole = fc.tuple(
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 1, max: 50 }),
    fc.constantFrom('linear', 'log'),
  );
  fc.assert(
    fc.property(whole, fc.double({ min: 0, max: 1, noNaN: true }), ([low, width, scale], u) => {
      const x = pieceAt(axis({ path: 'x', range: [low, low + width], scale, integer: true }), u)['x'] as number;
      return Number.isInteger(x) && x >= low && x <= low + width;
    }),
  );
  const counts = new Map<unknown, number>();
  for (let i = 0; i < 600; i++) {
    const { x } = pieceAt(axis({ path: 'x', range: [1, 6], integer: true }), (i + 0.5) / 600);
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  expect([...counts]).toEqual([1, 2, 3, 4, 5, 6].map((x) => [x, 100]));
});
