import { groupBySize } from '../../training/batches-by-size.js';

/** Crystals, and pairs of atoms in them, that go through the networks at once: bounds memory to some 200 MB. */
const ROWS_AT_ONCE = 128;
const PAIRS_AT_ONCE = 250_000;

/** What a call of the score network costs whatever is in it, in pairs of atoms (measured on a CPU: 2 ms, 0.4 us a pair). */
const CALL = 5000;

/** @param n atoms of each item */
export function* chunks<T>(items: readonly T[], n: number): Generator<T[]> {
  const size = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(PAIRS_AT_ONCE / (n * n))));
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

/**
 * Rows that are sampled together. Sizes share calls where padding the smaller crystals costs less than calls of their
 * own would: the split of the sizes, in rising order, that costs least. Single atoms stay alone, since they never move.
 *
 * @param sizes number of atoms of each row
 * @returns positions in `sizes`, each once
 */
export function samplingBatches(sizes: readonly number[]): number[][] {
  const groups = [...groupBySize(sizes)];
  // cheapest[i]: of the first i groups; from[i]: where the last batch of that split starts.
  const cheapest = [0];
  const from = [0];
  for (let end = 1; end <= groups.length; end++) {
    const n = (groups[end - 1] as [number, number[]])[0];
    let rows = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let start = end - 1; start >= 0; start--) {
      const [size, more] = groups[start] as [number, number[]];
      if (size === 1 && n > 1) break;
      rows += more.length;
      const cost = (cheapest[start] as number) + CALL + rows * n * n;
      if (cost < best) {
        best = cost;
        from[end] = start;
      }
    }
    cheapest[end] = best;
  }
  const batches: number[][] = [];
  for (let end = groups.length; end > 0; end = from[end] as number) {
    const together = groups.slice(from[end], end);
    const [largest] = together.at(-1) as [number, number[]];
    batches.unshift(
      ...chunks(
        together.flatMap(([, rows]) => rows),
        largest,
      ),
    );
  }
  return batches;
}
