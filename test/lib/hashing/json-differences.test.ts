import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonDifferences } from '../../../lib/hashing/json-differences.js';

test('paths lead to what differs, as deep as both sides have members', () => {
  const before = { options: { epochs: 3, tau: 1 }, axes: [{ path: 'a' }, { path: 'b' }], only: { before: 1 } };
  const now = { options: { epochs: 5, tau: 1 }, axes: [{ path: 'a' }, { path: 'c' }], late: null };
  expect(jsonDifferences(before, now, true)).toEqual([
    { path: 'options.epochs', before: 3, now: 5 },
    { path: 'axes.1.path', before: 'b', now: 'c' },
    { path: 'only', before: { before: 1 }, now: undefined },
  ]);
  expect(jsonDifferences(before, now, false).map(({ path }) => path)).toEqual(['options.epochs', 'axes', 'only']);
});

test('there are none exactly where two values are equal, whatever the order of members (any JSON)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(jsonDifferences(a, structuredClone(a), true)).toEqual([]);
      const same = jsonDifferences(a, b, true).length === 0;
      expect(jsonDifferences(b, a, true).length === 0).toBe(same);
      expect(jsonDifferences(a, b, false).length === 0).toBe(same);
    }),
    {
      examples: [
        [{}, []],
        [[null], []],
        [[{ a: null }], [{}]],
        [{ a: null }, {}],
        [{}, { toString: 0 }],
      ],
    },
  );
});

test('members are those of the values, not what objects inherit', () => {
  expect(jsonDifferences({}, { toString: 0 }, true)).toEqual([{ path: 'toString', before: undefined, now: 0 }]);
  const proto = JSON.parse('{"__proto__": {"a": 1}}');
  expect(jsonDifferences({}, proto, true)).toEqual([{ path: '__proto__', before: undefined, now: { a: 1 } }]);
});

test('a list is no object, and its items count even where they are null; a member that is null is as good as none', () => {
  for (const lists of [true, false]) {
    expect(jsonDifferences({ a: [] }, { a: {} }, lists)).toEqual([{ path: 'a', before: [], now: {} }]);
    expect(jsonDifferences({ a: [null] }, { a: [] }, lists)).toEqual([{ path: 'a', before: [null], now: [] }]);
    expect(jsonDifferences({ a: null }, {}, lists)).toEqual([]);
  }
});
