// fast-check as it is, but that every property without a seed of its own is tried LCOMS_DRAWS (20) times as often.
import fc, { type Parameters } from '../../../node_modules/fast-check/lib/fast-check.js';

export * from '../../../node_modules/fast-check/lib/fast-check.js';

const FACTOR = Number(process.env['LCOMS_DRAWS'] ?? 20);

const more = <T>(given: Parameters<T> = {}): Parameters<T> =>
  given.seed === undefined ? { ...given, numRuns: FACTOR * (given.numRuns ?? 100) } : given;

export const assert: typeof fc.assert = ((property: never, given?: Parameters<unknown>) =>
  fc.assert(property, more(given))) as typeof fc.assert;

export default { ...fc, assert };
