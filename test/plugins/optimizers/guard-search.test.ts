import { describe, expect, it } from 'vitest';
import type { Ask, Search, SearchResult } from '../../../plugins/contract/optimizer.js';
import { guardSearch } from '../../../plugins/optimizers/guard-search.js';
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
